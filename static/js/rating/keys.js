// Keys of the rating page, dead while words are typed.

const ACTIONS = {
  Enter: "next", ArrowRight: "forward", ArrowLeft: "back", Backspace: "undo", z: "undo",
  c: "comment", x: "cannot", m: "view", b: "neighbours", "?": "help",
};
// A key held down turns pages; it does not rate one item after another.
const REPEATING = new Set(["forward", "back"]);

function inText(target) {
  return target.closest?.("textarea, input:not([type=radio], [type=checkbox])");
}

/** Calls `act(name, level)` for what a key asks for. */
export function listen(act) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    if (inText(event.target)) return leaveText(event, act);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() !== "z") return;
    const name = /^[1-5]$/.test(event.key) ? "score" : ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    // A focused button or link keeps its own Enter.
    if (!name || (event.key === "Enter" && event.target.closest("button, a, summary"))) return;
    event.preventDefault();
    if (!event.repeat || REPEATING.has(name)) act(name, Number(event.key));
  });
}

function leaveText(event, act) {
  if (event.key === "Escape") event.target.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.target.blur();
    if (!event.repeat) act("next");
  }
}
