// Comments of a person that wait to be sent, of whatever night: what the outboxes of all nights have kept.

import { kept, keysUnder } from "./kept.js";
import { sound } from "./outbox.js";

/** Where the outbox of a night keeps its comments. */
export function placeOf(user, scoring) {
  return `epochwise.comments.${user}.${scoring}`;
}

/** In the shape of other changes that were not sent. */
export function waitingComments(user) {
  return keysUnder(placeOf(user, "")).flatMap((place) => sound(kept(place).read()).map((comment) => ({
    kind: "comment", uuid: comment.client_uuid, epoch: comment.epoch, content: { rationale: comment.text }, createdMs: comment.made_ms ?? 0,
    owner: { user, name: comment.night ?? "A night", path: `/scorings/${place.split(".").at(-1)}/score/` }, place,
  })));
}

export function forgetComments(items) {
  for (const { place, uuid } of items) {
    const left = sound(kept(place).read()).filter(({ client_uuid: id }) => id !== uuid);
    kept(place).write(left.length ? JSON.stringify(left) : null);
  }
}
