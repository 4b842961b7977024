// The rationale box: every key is a letter here, Esc leaves, Ctrl Enter leaves and goes on.

import { limitPastes } from "./pastes.js";

export const MOST_CHARACTERS = 10_000;

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

/** `onLeftOut(words)` when something of a paste was left out: characters that are no text, or all of far too much. */
export function attachRationale(box, { onText, onLeave, onNext, onLeftOut }) {
  limitPastes(box, { most: MOST_CHARACTERS, onTooLong: onLeftOut });
  box.addEventListener("input", () => {
    const leftOut = cleanBox(box);
    if (leftOut) onLeftOut(`${leftOut} control character${leftOut === 1 ? " was" : "s were"} left out of the pasted text`);
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
