// What a key of the adjudication page asks for. After a side is taken the digits name the reason; while a decision is
// written, stages and rules have their keys of the workbench.

import { plainDigit } from "../workbench/keynames.js";
import { WRITING } from "../keytables/adjudication.js";

/** {action, repeats} in a state of the page, "choosing", "reasoning" or "writing", or null. */
export function actionFor(event, { keys, state, sides, reasons }) {
  if (event.altKey || event.isComposing) return null;
  const reason = state === "reasoning" ? reasons[plainDigit(event) - 1] : undefined;
  if (reason) return once(`reason:${reason}`);
  const written = state === "writing" ? writing(event, keys) : null;
  if (written) return once(written);
  const action = keys.adjudication.actionFor(event)?.action;
  if (!action || (action.startsWith("take:") && (state === "writing" || !sides.includes(action.slice("take:".length))))) return null;
  return { action, repeats: keys.adjudication.mayRepeat(action) };
}

function writing(event, { workbench }) {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) return "written";
  return WRITING.get(workbench.actionFor(event)?.action) ?? null;
}

const once = (action) => ({ action, repeats: false });
