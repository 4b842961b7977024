// Decisions on their way to the server: when two are the same, and how one is told in words.

import { sameJson } from "../workbench/same.js";
import { SaveQueue } from "../workbench/queue.js";

const CHOSEN = {
  take: ({ side }) => `taken from ${side}`,
  write: () => "written anew",
  unanimous: ({ side, stage }) => (stage ? `all agree, words of ${side}` : "nobody scored it"),
};

/** Two adjudicators who take one stage for two reasons have not decided the same. */
export function sameDecision(a, b) {
  const parts = ({ choice, side, stage, rules, rationale, reason }) => [choice, side, stage, rules, rationale, reason];
  return sameJson(parts(a), parts(b));
}

export function decisionQueue({ disk, send }) {
  return new SaveQueue({ disk, send, isSame: sameDecision });
}

/** "taken from A: event missed"; null where nothing is decided. */
export function told(decision, reasons) {
  const words = CHOSEN[decision.choice]?.(decision);
  const reason = reasons.find(({ id }) => id === decision.reason)?.says;
  return words ? [words, reason?.toLowerCase()].filter(Boolean).join(": ") : null;
}
