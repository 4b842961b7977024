// The adjudication as this page knows it: what the sides say, what stands, and where we are.

import { contentOf, sameContent, UndoStack } from "../saving/changes.js";
import { SaveQueue } from "../saving/queue.js";

export class DecisionStore {
  #decisions = new Map();
  #versions = new Map();
  #disagreements;
  #undecided;

  /** The adjudication as the server sends it; `undecided` names the fields of a decision. */
  constructor({ epoch_count: epochCount, sides, stages, disagreements, decisions, undecided }) {
    Object.assign(this, { epochCount, sides, stages, current: 0 });
    this.#undecided = Object.freeze(undecided);
    this.#disagreements = new Map(Object.entries(disagreements).map(([epoch, answers]) => [Number(epoch), answers]));
    for (const { epoch, version, ...decision } of decisions) {
      this.set(epoch, decision);
      this.setVersion(epoch, version);
    }
  }

  /** What each side says where they differ; null where all agree. */
  disagreement(epoch) {
    return this.#disagreements.get(epoch) ?? null;
  }

  decision(epoch) {
    return this.#decisions.get(epoch) ?? this.#undecided;
  }

  get withdrawn() {
    return { ...this.#undecided, choice: "withdraw" };
  }

  stage(epoch) {
    return this.decision(epoch).stage;
  }

  version(epoch) {
    return this.#versions.get(epoch) ?? 0;
  }

  set(epoch, decision) {
    this.#decisions.set(epoch, contentOf(this.#undecided, decision));
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
  const next = sorted.find((entry) => entry > from) ?? sorted[0];
  return next === undefined ? null : next * sign;
}

// Decisions on their way to the server: when two are the same, and how they read in words.

const CHOSEN = {
  take: ({ side }) => `scoring ${side} accepted`,
  write: () => "own score",
  unanimous: ({ side, stage }) => (stage ? `all agree, rationale of ${side}` : "not scored"),
};

/** What is decided here: into the store, the undo list and the save queue. "changed" events carry {epoch}. */
export class Decisions extends EventTarget {
  #store;
  #queue;
  #active;
  #shown;
  #undo = new UndoStack();

  /** `active` measures time at work (takeMs()); `shown()` says what is on screen. */
  constructor({ store, queue, active, shown }) {
    super();
    [this.#store, this.#queue, this.#active, this.#shown] = [store, queue, active, shown];
    queue.addEventListener("saved", ({ detail }) => store.setVersion(detail.epoch, detail.answer.version));
  }

  decide(epoch, decision) {
    this.#undo.push({ epoch, before: this.#store.decision(epoch), after: decision, field: "decision" });
    this.#save(epoch, decision, "edit");
  }

  /** Returns the epoch that was changed back, null where there is nothing to undo. */
  undo() {
    return this.#restore(this.#undo.undo(), "before", "undo");
  }

  redo() {
    return this.#restore(this.#undo.redo(), "after", "redo");
  }

  /** What was decided elsewhere, or left unsent by an earlier visit, becomes ours. */
  adopt(epoch, decision) {
    this.#store.set(epoch, decision);
    this.#changed(epoch);
  }

  takeTheirs(epoch, theirs) {
    this.#undo.push({ epoch, before: this.#store.decision(epoch), after: theirs, field: "conflict" });
    this.#queue.takeTheirs(epoch);
    this.#store.setVersion(epoch, theirs.version);
    this.adopt(epoch, theirs);
  }

  #restore(change, side, why) {
    if (!change) return null;
    this.#save(change.epoch, change[side].choice ? change[side] : this.#store.withdrawn, why);
    return change.epoch;
  }

  #save(epoch, decision, why) {
    const version = this.#store.version(epoch);
    this.#store.set(epoch, decision);
    const content = this.#store.decision(epoch);
    this.#queue.put({ epoch, content, version, why, shown: this.#shown(), activeMs: this.#active.takeMs() });
    this.#changed(epoch);
  }

  #changed(epoch) {
    this.dispatchEvent(new CustomEvent("changed", { detail: { epoch } }));
  }
}

/** The same stage for another reason is another decision. */
export function decisionQueue({ disk, send }) {
  return new SaveQueue({ disk, send, isSame: sameContent });
}

/** "taken from A: event missed"; null where nothing is decided. */
export function decisionWords(decision, reasons) {
  const words = CHOSEN[decision.choice]?.(decision);
  const reason = reasons.find(({ id }) => id === decision.reason)?.says;
  return words ? [words, reason?.toLowerCase()].filter(Boolean).join(": ") : null;
}
