// Copies a text by a button. Without https a browser offers no clipboard: the text is selected then.

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.innerText.trim());
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: copy with Ctrl C";
  }
}

document.querySelectorAll("[data-copies]").forEach((button) => {
  button.addEventListener("click", () => copy(button));
});
