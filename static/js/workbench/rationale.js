// The rationale box: every key is a letter here, Esc leaves, Ctrl Enter leaves and goes on.

// Control characters that no keyboard types but a paste may bring along.
const NOT_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function plainText(text) {
  return text.replace(NOT_TEXT, "");
}

/** Take control characters out of a box, with the caret where it was; returns how many there were. */
export function cleanBox(box) {
  const text = plainText(box.value);
  const leftOut = box.value.length - text.length;
  if (!leftOut) return 0;
  const at = plainText(box.value.slice(0, box.selectionEnd)).length;
  box.value = text;
  box.setSelectionRange(at, at);
  return leftOut;
}

/** `onLeftOut(count)` when a paste brought characters that are no text. */
export function attachRationale(box, { onText, onLeave, onNext, onLeftOut }) {
  box.addEventListener("input", () => {
    const leftOut = cleanBox(box);
    if (leftOut) onLeftOut(leftOut);
    onText(box.value);
  });
  box.addEventListener("blur", onLeave);
  box.addEventListener("keydown", (event) => {
    const goesOn = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !goesOn) return;
    event.preventDefault();
    box.blur();
    if (goesOn) onNext();
  });
}
