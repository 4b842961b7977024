// Keys of the rating page, dead while words are typed. What judges has fixed keys; what only looks at the signal, and
// the stages of one's own, have the keys that this person has in the workbench.

import { keyNames } from "../workbench/keynames.js";

export const BINDINGS = [
  { group: "Judge", action: "score", keys: ["1", "2", "3", "4", "5"], says: "Score, and on to the next of the three" },
  { group: "Judge", action: "comment", keys: ["C"], says: "Comment", how: "Esc leaves it, Ctrl Enter goes on" },
  { group: "Judge", action: "cannot", keys: ["X"], says: "Cannot judge" },
  { group: "Judge", action: "undo", keys: ["Z", "Ctrl+Z", "Backspace"], says: "Undo, on whatever rationale it was" },
  { group: "Judge", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Read", action: "phrase", keys: ["E"], says: "Light the next place that the text names" },
  { group: "Read", action: "dark", keys: ["Escape"], says: "Put the light out" },
  { group: "Read", action: "wording", keys: ["L"], says: "Wording of the rules, and away" },
  { group: "Move", action: "next", keys: ["Enter"], says: "Next rationale, once this one is rated" },
  { group: "Move", action: "back", keys: ["ArrowLeft"], says: "Rationale before", repeats: true },
  { group: "Move", action: "forward", keys: ["ArrowRight"], says: "Rationale after", repeats: true },
  { group: "Look", action: "part:before", keys: ["Shift+ArrowLeft"], says: "Earlier part of the epoch, on a short page", repeats: true },
  { group: "Look", action: "part:after", keys: ["Shift+ArrowRight"], says: "Later part of it", repeats: true },
  { group: "Move", action: "help", keys: ["?"], says: "These keys" },
];

/** Commands of the workbench that hold here, by what they are called here. */
export const SHARED = new Map([
  ["model", "view"], ["gain:up", "gain:up"], ["gain:down", "gain:down"], ["page:shorter", "page:shorter"], ["page:longer", "page:longer"],
  ["polarity", "polarity"], ["sides", "sides"], ["display", "display"], ["filters", "filters"], ["measure", "measure"],
]);

const FIXED = new Map(BINDINGS.flatMap((binding) => binding.keys.map((key) => [key, binding])));

/** {action, level, repeats} of a key event, or null. `keyMap` holds this person's keys of the workbench. */
export function actionFor(event, { keyMap, awaitsStage }) {
  if (event.altKey || event.isComposing) return null;
  const shared = keyMap.actionFor(event)?.action ?? "";
  if (awaitsStage && shared.startsWith("stage:")) return { action: shared };
  const names = keyNames(event);
  const name = names.find((one) => FIXED.has(one));
  if (name) {
    const { action, repeats } = FIXED.get(name);
    return { action, repeats, level: action === "score" ? Number(name) : null };
  }
  return SHARED.has(shared) ? { action: SHARED.get(shared), repeats: shared.startsWith("gain") } : null;
}

/** Keys of the workbench that are left for looking: those that judging has not taken. */
export function keysOf(keyMap, action) {
  return keyMap.keysOf(action).filter((key) => !FIXED.has(key));
}

/** Calls `act(action, level)` for what a key asks for; `state()` gives what actionFor() needs. */
export function listen(act, state) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (inText(event.target)) return leaveText(event, act);
    // A focused button or link keeps its own Enter and Space.
    if (["Enter", " "].includes(event.key) && !event.ctrlKey && event.target.closest("button, a, summary")) return;
    const found = actionFor(event, state());
    if (!found) return;
    event.preventDefault();
    if (!event.repeat || found.repeats) act(found.action, found.level);
  });
}

function inText(target) {
  return target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])");
}

function leaveText(event, act) {
  if (event.key === "Escape") event.target.blur();
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.target.blur();
  if (!event.repeat) act("next");
}
