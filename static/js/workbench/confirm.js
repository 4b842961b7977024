// A dialog that Ctrl Enter opened is answered by Ctrl Enter, too. A key held down answers nothing.

export function confirmByKey(dialog, button) {
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    button.click();
  });
}
