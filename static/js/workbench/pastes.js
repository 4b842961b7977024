// A paste far beyond what a box may hold is left out: to lay a megabyte out stops the page for seconds, and nobody
// shortens it there. What is pasted is still where it was copied. A little too much comes in, to be made shorter.

const ROOM = 2;

/** `onTooLong(words)` is told, in words for the person, what was left out. */
export function limitPastes(box, { most, onTooLong }) {
  box.addEventListener("beforeinput", (event) => {
    const coming = textOf(event);
    const staying = box.value.length - (box.selectionEnd - box.selectionStart);
    if (coming.length < 2 || staying + coming.length <= ROOM * most) return;
    event.preventDefault();
    const count = (number) => number.toLocaleString("en");
    onTooLong(`${count(coming.length)} characters are too many here, where ${count(most)} can be kept: nothing was put in. They are still where you copied them.`);
  });
}

function textOf({ data, dataTransfer }) {
  return data ?? dataTransfer?.getData("text/plain") ?? "";
}
