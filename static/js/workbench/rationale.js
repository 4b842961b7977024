// The rationale box: every key is a letter here, Esc leaves, Ctrl Enter leaves and goes on.

// Control characters that no keyboard types but a paste may bring along.
const NOT_TEXT = /[\u0000-\u0008\u000b-\u001f]/g;

export function attachRationale(box, { onText, onLeave, onNext }) {
  box.addEventListener("input", () => onText(box.value.replace(NOT_TEXT, "")));
  box.addEventListener("blur", onLeave);
  box.addEventListener("keydown", (event) => {
    const goesOn = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !goesOn) return;
    event.preventDefault();
    box.blur();
    if (goesOn) onNext();
  });
}
