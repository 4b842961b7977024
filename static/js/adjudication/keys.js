// Keys of the adjudication page. After a side is taken the digits name the reason.

import { keyNames } from "../workbench/keynames.js";

export const QUICK_KEYS = ["J", "K", "L", ";"];

const SETTLING = [
  { group: "Settle", action: "write", keys: ["E"], says: "Write another decision" },
  { group: "Settle", action: "cancel", keys: ["Escape"], says: "Leave a choice that has no reason yet" },
  { group: "Settle", action: "undo", keys: ["Z", "Ctrl+Z"], says: "Undo" },
  { group: "Settle", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Settle", action: "finish", keys: ["Ctrl+Enter"], says: "Make the consensus" },
  { group: "Move", action: "open", keys: ["N", "Enter"], says: "Next epoch to settle" },
  { group: "Move", action: "disputed:1", keys: ["D"], says: "Next disagreement" },
  { group: "Move", action: "disputed:-1", keys: ["Shift+D"], says: "Disagreement before" },
  { group: "Move", action: "turn:1", keys: ["ArrowRight"], says: "Next epoch" },
  { group: "Move", action: "turn:-1", keys: ["ArrowLeft"], says: "Epoch before" },
  { group: "Look", action: "gain:up", keys: ["ArrowUp"], says: "Larger waves" },
  { group: "Look", action: "gain:down", keys: ["ArrowDown"], says: "Smaller waves" },
  { group: "Look", action: "page:shorter", keys: ["+", "="], says: "Shorter page" },
  { group: "Look", action: "page:longer", keys: ["-"], says: "Longer page" },
  { group: "Look", action: "polarity", keys: ["P"], says: "Negative up, or positive up" },
  { group: "Look", action: "model", keys: ["M"], says: "As the model sees it, and back" },
  { group: "Look", action: "sides", keys: ["S"], says: "Neighbours at the sides, and away" },
  { group: "Look", action: "help", keys: ["?"], says: "These keys" },
];
const WRITING_BINDINGS = [
  { action: "stage:W", keys: ["W", "0"], says: "Wake" },
  { action: "stage:N1", keys: ["1"], says: "N1" },
  { action: "stage:N2", keys: ["2"], says: "N2" },
  { action: "stage:N3", keys: ["3"], says: "N3" },
  { action: "stage:R", keys: ["R"], says: "REM" },
  ...QUICK_KEYS.map((key, place) => ({ action: `quick:${place}`, keys: [key], says: `Cite the ${["first", "second", "third", "fourth"][place]} rule offered` })),
  { action: "words", keys: ["E"], says: "Write the rationale", how: "Esc leaves it, Ctrl Enter is done" },
  { action: "written", keys: ["Enter"], says: "Done" },
].map((binding) => ({ ...binding, group: "While writing" }));

const byKey = (bindings) => Object.fromEntries(bindings.flatMap(({ action, keys }) => keys.map((key) => [key, action])));
const ACTIONS = byKey(SETTLING);
const WRITING = byKey(WRITING_BINDINGS);

/** Every key of the page, for its help. */
export const HELP = [
  { group: "Settle", keys: ["A", "B", "C", "1", "2", "3"], says: "Take that side", how: "a digit then names the reason, and the next one to settle comes" },
  ...SETTLING, ...WRITING_BINDINGS,
];

const MOVES = new Set(["turn:-1", "turn:1", "gain:up", "gain:down"]);

/** What a key asks for in a state of the page: "choosing", "reasoning" or "writing". */
export function actionFor(event, given) {
  if (event.altKey || event.isComposing) return null;
  const action = named(event, given);
  // A digit held down would take a side, name a reason, and so settle the whole night.
  return event.repeat && !MOVES.has(action) ? null : action;
}

function named(event, { state, sides, reasons }) {
  const known = (name) => /^[1-9]$/.test(name) || name in ACTIONS || name in WRITING || sides.includes(name);
  const name = keyNames(event).find(known) ?? "";
  const digit = /^[1-9]$/.test(name) ? Number(name) - 1 : -1;
  if (state === "reasoning" && digit in reasons) return `reason:${reasons[digit]}`;
  if (state === "writing" && WRITING[name]) return WRITING[name];
  if (state !== "writing") {
    const side = sides.includes(name) ? name : sides[digit];
    if (side && !(state === "reasoning" && digit >= 0)) return `take:${side}`;
  }
  return ACTIONS[name] ?? null;
}
