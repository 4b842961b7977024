// Keys of the adjudication page. After a side is taken the digits name the reason.

import { keyNames } from "../workbench/keynames.js";

export const QUICK_KEYS = ["J", "K", "L", ";"];

const ACTIONS = {
  ArrowLeft: "turn:-1", ArrowRight: "turn:1", D: "disputed:1", "Shift+D": "disputed:-1", N: "open", Enter: "open",
  E: "write", Z: "undo", "Ctrl+Z": "undo", "Shift+Z": "redo", "Ctrl+Y": "redo", "Ctrl+Shift+Z": "redo", Escape: "cancel",
  ArrowUp: "gain:up", ArrowDown: "gain:down", "+": "page:shorter", "=": "page:shorter", "-": "page:longer",
  P: "polarity", M: "model", S: "sides", "?": "help", "Ctrl+Enter": "finish",
};
const WRITING = {
  W: "stage:W", 0: "stage:W", 1: "stage:N1", 2: "stage:N2", 3: "stage:N3", R: "stage:R",
  J: "quick:0", K: "quick:1", L: "quick:2", ";": "quick:3", E: "words", Enter: "written",
};
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
