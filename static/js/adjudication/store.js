// The adjudication as this page knows it: what the sides say, what stands, and where we are.

import { sameJson } from "../saving/changes.js";
import { SaveQueue } from "../saving/queue.js";

const NOTHING = Object.freeze({ choice: "", side: null, stage: null, rules: [], rationale: "", reason: "" });
export const WITHDRAWN = Object.freeze({ ...NOTHING, choice: "withdraw" });

export class DecisionStore {
  #decisions = new Map();
  #versions = new Map();
  #disagreements;

  constructor({ epoch_count: epochCount, sides, stages, disagreements, decisions }) {
    Object.assign(this, { epochCount, sides, stages, current: 0 });
    this.#disagreements = new Map(Object.entries(disagreements).map(([epoch, said]) => [Number(epoch), said]));
    for (const { epoch, version, ...decision } of decisions) {
      this.set(epoch, decision);
      this.setVersion(epoch, version);
    }
  }

  /** What each side says where they differ; null where all agree. */
  said(epoch) {
    return this.#disagreements.get(epoch) ?? null;
  }

  decision(epoch) {
    return this.#decisions.get(epoch) ?? NOTHING;
  }

  stage(epoch) {
    return this.decision(epoch).stage;
  }

  version(epoch) {
    return this.#versions.get(epoch) ?? 0;
  }

  set(epoch, { choice, side, stage, rules, rationale, reason }) {
    this.#decisions.set(epoch, { choice, side, stage, rules, rationale, reason });
  }

  setVersion(epoch, version) {
    this.#versions.set(epoch, version);
  }

  clamp(epoch) {
    return Math.min(this.epochCount - 1, Math.max(0, epoch));
  }

  isOpen(epoch) {
    return ["", "withdraw"].includes(this.decision(epoch).choice);
  }

  /** The epochs on which the sides differ, in the order of the night. */
  get disputed() {
    return [...this.#disagreements.keys()];
  }

  get open() {
    return Array.from({ length: this.epochCount }, (_, epoch) => epoch).filter((epoch) => this.isOpen(epoch));
  }

  nextOpen(from) {
    return around(this.open, from);
  }

  nextDisputed(from, step) {
    return step > 0 ? around(this.disputed, from) : around(this.disputed.toReversed().map((n) => -n), -from, -1);
  }

  /** How often each side was taken, what was written, and what settled itself. */
  tally() {
    const counts = new Map([...this.sides.map((letter) => [letter, 0]), ["written", 0], ["unanimous", 0]]);
    for (const { choice, side } of this.#decisions.values()) {
      const name = { take: side, write: "written", unanimous: "unanimous" }[choice];
      if (name) counts.set(name, counts.get(name) + 1);
    }
    return counts;
  }
}

/** The first entry after `from`, round the end; null when there is none. */
function around(sorted, from, sign = 1) {
  const found = sorted.find((entry) => entry > from) ?? sorted[0];
  return found === undefined ? null : found * sign;
}

// Decisions on their way to the server: when two are the same, and how one is told in words.

const CHOSEN = {
  take: ({ side }) => `taken from ${side}`,
  write: () => "written anew",
  unanimous: ({ side, stage }) => (stage ? `all agree, words of ${side}` : "nobody scored it"),
};

/** Two adjudicators who take one stage for two reasons have not decided the same. */
function sameDecision(a, b) {
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
