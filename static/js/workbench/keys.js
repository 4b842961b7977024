// The key map as data: what each key does, said once, for the handler and for the help.

export const BINDINGS = [
  { group: "Stage", action: "stage:W", keys: ["W", "0"], says: "Wake, and on to the next epoch" },
  { group: "Stage", action: "stage:N1", keys: ["1"], says: "N1, and on" },
  { group: "Stage", action: "stage:N2", keys: ["2"], says: "N2, and on" },
  { group: "Stage", action: "stage:N3", keys: ["3"], says: "N3, and on" },
  { group: "Stage", action: "stage:R", keys: ["R"], says: "REM, and on" },
  { group: "Stage", action: "unscore", keys: ["U", "Delete"], says: "Not scored" },
  { group: "Stage", action: "advance", keys: ["A"], says: "Stay or go on after a stage; Shift with a stage does the other" },
  { group: "Why", action: "quick:0", keys: ["J"], says: "Cite the first rule offered (K, L and ; the next ones)" },
  { group: "Why", action: "quick:1", keys: ["K"] },
  { group: "Why", action: "quick:2", keys: ["L"] },
  { group: "Why", action: "quick:3", keys: [";"] },
  { group: "Why", action: "chord", keys: ["."], says: "Any rule: full stop, then its letter or number and place: .24 is N2.4, .R3 is R.3, .M1 is MBM.1" },
  { group: "Why", action: "explain", keys: ["E"], says: "Write the rationale; Esc leaves it, Ctrl Enter leaves it and goes on" },
  { group: "Why", action: "flag:artefact", keys: ["F"], says: "Flag: artefact" },
  { group: "Why", action: "flag:unsure", keys: ["Shift+F"], says: "Flag: unsure" },
  { group: "Evidence", action: "measure", keys: ["V"], says: "Measure: ← → move, Shift widens, Ctrl in seconds, ↑ ↓ derivation; a letter of the bar marks; Esc leaves" },
  { group: "Evidence", action: "evidence", keys: ["X"], says: "Next marked event: shows its wave; Del removes it" },
  { group: "Why", action: "phrases", keys: ["Q"], says: "Phrases: type to find, Enter puts one in; Ctrl Space while writing" },
  { group: "Why", action: "copy", keys: ["Y"], says: "Copy rules and rationale from the epoch before" },
  { group: "Move", action: "previous", keys: ["ArrowLeft"], says: "Back", repeats: true },
  { group: "Move", action: "next", keys: ["ArrowRight", "Enter"], says: "On", repeats: true },
  { group: "Move", action: "unscored", keys: ["N"], says: "Next epoch not scored" },
  { group: "Move", action: "transition", keys: ["T"], says: "Next change of stage" },
  { group: "Move", action: "finding", keys: ["I"], says: "Next epoch to check: what the rule checks found" },
  { group: "Move", action: "goto", keys: ["G"], says: "Go to an epoch or a time" },
  { group: "Move", action: "first", keys: ["Home"], says: "First epoch" },
  { group: "Move", action: "last", keys: ["End"], says: "Last epoch" },
  { group: "Look", action: "gain:up", keys: ["ArrowUp"], says: "Larger waves", repeats: true },
  { group: "Look", action: "gain:down", keys: ["ArrowDown"], says: "Smaller waves", repeats: true },
  { group: "Look", action: "page:shorter", keys: ["+", "="], says: "Shorter page" },
  { group: "Look", action: "page:longer", keys: ["-"], says: "Longer page" },
  { group: "Look", action: "polarity", keys: ["P"], says: "Negative up or positive up" },
  { group: "Look", action: "model", keys: ["M"], says: "As the model sees it, and back" },
  { group: "Look", action: "display", keys: ["B"], says: "Display: channels, their order and size, filters, colours" },
  { group: "Look", action: "filters", keys: ["Shift+B"], says: "Filters off, and back" },
  { group: "Look", action: "sides", keys: ["S"], says: "Fold the neighbours away, and back" },
  { group: "Work", action: "undo", keys: ["Z", "Ctrl+Z"], says: "Undo" },
  { group: "Work", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Work", action: "history", keys: ["H"], says: "History of the epoch: who changed what, when and why" },
  { group: "Work", action: "conflict", keys: ["C"], says: "Choose a side where an epoch was changed elsewhere" },
  { group: "Work", action: "submit", keys: ["Ctrl+Enter"], says: "Submit the scoring" },
  { group: "Work", action: "help", keys: ["?"], says: "These keys" },
];

const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del" };
const REPEATING = new Set(BINDINGS.filter((binding) => binding.repeats).map(({ action }) => action));
const BY_KEY = new Map(BINDINGS.flatMap(({ action, keys }) => keys.map((key) => [key, action])));

/** One name for a key event: modifiers first, letters in capitals, shift left out of signs. */
export function keyName({ key, ctrlKey, metaKey, shiftKey }) {
  const letter = /^[a-z]$/i.test(key);
  const name = letter ? key.toUpperCase() : key;
  const shift = shiftKey && (letter || key.length > 1) ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${shift}${name}`;
}

/**
 * What a key event asks for, or null.
 * Shift with a stage key is found by the physical digit, since Shift+2 types a sign.
 */
export function actionFor(event) {
  if (event.altKey || event.isComposing) return null;
  const plain = BY_KEY.get(keyName(event));
  if (plain) return { action: plain, other: false };
  if (!event.shiftKey || event.ctrlKey || event.metaKey) return null;
  const digit = /^Digit([0-3])$/.exec(event.code ?? "")?.[1];
  const action = BY_KEY.get(digit ?? event.key.toUpperCase());
  return action?.startsWith("stage:") ? { action, other: true } : null;
}

/** Whether a key held down goes on acting: moving does, staging a whole night by accident does not. */
export function mayRepeat(action) {
  return REPEATING.has(action);
}

export function keyLabel(key) {
  return key.split("+").filter(Boolean).map((part) => NAMES[part] ?? part).join(" ") || key;
}
