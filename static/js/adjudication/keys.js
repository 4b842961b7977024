// What the keys of the adjudication page ask for, and their rows in the help.
// The key of a command does the same in every state of the page, also while a reason is to be chosen. If the letter of
// a scoring is the key of a command, that scoring has another key or none. Reasons have Shift with a digit, so that
// pressing the key of a stage twice settles nothing.

import { keyNames } from "../keys/keyboard.js";
import { doesOf, sideBinding, WRITING } from "../keys/tables.js";

/** The key of the reason at a place; null where a person gave it to a command. */
export function reasonKey(map, place) {
  const name = `Shift+${place + 1}`;
  return place < 9 && !map.commandOf([name]) ? name : null;
}

/** Keys that accept a side: those given to it, or its letter, or Shift with it; [] where commands have both. */
export function sideKeys(map, letter) {
  const given = map.keysOf(`take:${letter}`);
  if (given.length) return given;
  return [letter, `Shift+${letter}`].filter((name) => !map.commandOf([name])).slice(0, 1);
}

/** {action, repeats} in a state of the page, "choosing", "reasoning" or "writing", or null. */
export function actionFor(event, { keys, state, sides, reasons }) {
  if (event.altKey || event.isComposing) return null;
  const written = state === "writing" ? writing(event, keys) : null;
  if (written) return once(written);
  const map = keys.adjudication;
  const names = keyNames(event);
  const action = map.commandOf(names)?.action;
  if (action?.startsWith("take:") ? isThere(action, sides) && state !== "writing" : action)
    return { action, repeats: map.mayRepeat(action) };
  if (action || state === "writing") return null;
  const letter = sides.find((side) => sideKeys(map, side).some((name) => names.includes(name)));
  if (letter) return once(`take:${letter}`);
  const reason = state === "reasoning" && reasons.find((_, place) => names.includes(reasonKey(map, place)));
  return reason ? once(`reason:${reason}`) : null;
}

const once = (action) => ({ action, repeats: false });

function isThere(action, sides) {
  return !action.startsWith("take:") || sides.includes(action.slice("take:".length));
}

function writing(event, { workbench }) {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) return "written";
  return WRITING.get(workbench.actionFor(event)?.action) ?? null;
}

/** Rows of the help on a page with so many sides. */
export function adjudicationHelp({ workbench, adjudication }, sides) {
  const rows = adjudication.bindings.map((binding) => ({ ...binding, keys: adjudication.keysOf(binding.action) }))
    .filter(({ action }) => !action.startsWith("take:"));
  const groups = new Map(adjudication.bindings.map(({ action, group }) => [action, group]));
  const accepting = sides.map((side) =>
    sideBinding(groups.get(`take:${side}`) ?? "Further scorings", side, sideKeys(adjudication, side)));
  const reasons = {
    group: "Decision", keys: ["Shift+1", "Shift+2", "…"], says: "Reason, after a stage or a scoring is accepted",
    how: "then the next unsettled epoch is shown; the key of another scoring or stage accepts that instead",
  };
  const written = workbench.bindings
    .filter(({ action }) => WRITING.has(action))
    .map((binding) => ({
      ...binding, group: "While writing", does: doesOf(binding),
      how: binding.action === "explain" ? "Esc closes the field, Ctrl Enter asks for the reason" : undefined,
      keys: workbench.keysOf(binding.action),
    }));
  const done = { group: "While writing", does: "shows", keys: ["Enter"], says: "Choose the reason" };
  return [...rows, reasons, ...accepting, ...written, done];
}
