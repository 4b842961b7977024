// The dialogs of the workbench, by the name of the action that opens them.

import { ConflictPanel } from "./conflict.js";
import { GotoDialog } from "./goto.js";
import { LightsDialog } from "./lightsdialog.js";
import { followQueues } from "./saving.js";
import { EPOCH_S } from "./scale.js";
import { SubmitDialog } from "./submit.js";

export function createDialogs({ parts, api, store, assistance, session, queue, saves, clock, go, findings, display, lights, onLights, onSubmitted }) {
  const gotoDialog = new GotoDialog({ parts, store, clock, onGo: go });
  const submitDialog = new SubmitDialog({
    parts, store, findings, unlocked: () => assistance.unlocked, onGo: go, submit: api.submit, onSubmitted,
  });
  const conflicts = new ConflictPanel({
    parts, onGo: go,
    onMine: (epoch) => queue.keepMine(epoch),
    onTheirs: (epoch, theirs) => session.takeTheirs(epoch, theirs),
  });
  const lightsDialog = new LightsDialog({
    parts, lights, clock, nightS: store.epochCount * EPOCH_S, fetch: api.lights, onChange: onLights,
  });
  followQueues({ parts, saves, queue, conflicts });
  saves.addEventListener("state", () => submitDialog.follow({ waiting: saves.state.count }));
  return {
    goto: () => gotoDialog.open(),
    conflict: () => (queue.refused ? go(queue.refused.epoch) : conflicts.focus()),
    display: () => display.open(),
    lights: () => lightsDialog.open(),
    submit: () => {
      session.flush();
      submitDialog.open({ waiting: saves.state.count });
    },
  };
}
