// Saves between page and server: the queues of this scoring, and what the page does as they move, fail or end.

import { openDisk } from "./disk.js";
import { sameMarks } from "./lights.js";
import { SaveQueue } from "./queue.js";
import { showSaveState } from "./savestate.js";
import { sameScore } from "./store.js";

/** Why nothing more can be saved, in the words of the bar, by the server's code or the scoring's state. */
export const CLOSED = { submitted: "submitted", withdrawn: "taken away" };

export async function openQueue(api, scoringId, owner) {
  const disk = await openDisk(Number(scoringId), owner).catch(() => null);
  return new SaveQueue({ disk, send: api.saveEpoch, sendLock: api.lockEpoch, isSame: sameScore });
}

export async function openLightsQueue(api, scoringId, owner) {
  const disk = await openDisk(`lights-${scoringId}`, owner).catch(() => null);
  return new SaveQueue({ disk, send: (_, body) => api.saveLights(body), isSame: sameMarks });
}

export function followQueues({ parts, saves, queue, conflicts }) {
  saves.addEventListener("state", () => {
    showSaveState(parts, saves.state);
    conflicts.show(queue.conflicts());
  });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => saves.wake());
  document.addEventListener("visibilitychange", () => document.hidden || saves.wake());
}

/** A refusal for good ends the work here, before more is done in vain; a save that goes through opens it again. */
export function followClosing(queue, workbench) {
  let closed = false;
  queue.addEventListener("closed", ({ detail }) => {
    if (!(detail.code in CLOSED)) return;
    closed = true;
    workbench.lock(CLOSED[detail.code]);
  });
  queue.addEventListener("saved", () => {
    if (closed) workbench.lock(null);
    closed = false;
  });
}

/** What was typed last goes into the queue, and leaving with unsent changes is asked about. */
export function guardLeaving(session, saves) {
  document.addEventListener("visibilitychange", () => document.hidden && session.flush());
  addEventListener("beforeunload", (event) => {
    session.flush();
    if (saves.state.count) event.preventDefault();
  });
}
