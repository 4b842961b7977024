// Keys of the rating page, dead while words are typed.

/** {action, repeats} of a key event, or null. `keys` holds the person's keys of all pages. */
export function actionFor(event, { keys, awaitsStage }) {
  const staging = awaitsStage ? keys.workbench.actionFor(event)?.action ?? "" : "";
  if (staging.startsWith("stage:")) return { action: staging, repeats: false };
  const found = keys.rating.actionFor(event);
  return found && { action: found.action, repeats: keys.rating.mayRepeat(found.action) };
}

/** Calls `act(action)` for what a key asks for; `state()` gives what actionFor() needs. */
export function listen(act, state) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (inText(event.target)) return leaveText(event, act);
    // A focused button or link keeps its own Enter and Space.
    if (["Enter", " "].includes(event.key) && !event.ctrlKey && event.target.closest("button, a, summary")) return;
    const found = actionFor(event, state());
    if (!found) return;
    event.preventDefault();
    if (!event.repeat || found.repeats) act(found.action);
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
