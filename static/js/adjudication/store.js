// The adjudication as this page knows it: what the sides say, what stands, and where we are.

import { contentOf, sameContent, UndoStack } from "../saving/changes.js";
import { SaveQueue } from "../saving/queue.js";
import { STAGES } from "../site/registries.js";

const STAGE_OF = new Map(STAGES.map(({ id }) => [id.at(-1), id]));
const HAND = ["take", "write", "majority"];

export class DecisionStore {
  #decisions = new Map();
  #versions = new Map();
  #commented = new Map();
  // Sides and comments of the epochs whose texts are here.
  #texts = new Map();
  // Epochs whose decision is as the server sent it last, perhaps without its words.
  #untouched = new Set();
  #undecided;

  /** The adjudication as the server sends it; `undecided` names the fields of a decision. */
  constructor(adjudication) {
    const { epoch_count: epochCount, sides, stages, disagreements, undecided } = adjudication;
    this.#undecided = Object.freeze(undecided);
    Object.assign(this, { epochCount, sides, current: 0 });
    this.stages = stages.map((letters) => Array.from(letters, (letter) => STAGE_OF.get(letter) ?? null));
    const [first, ...others] = this.stages;
    const differ = (epoch) => others.some((side) => side[epoch] !== first[epoch]);
    /** The epochs on which the sides differ, in the order of the night. */
    this.disputed = Array.from({ length: epochCount }, (_, epoch) => epoch).filter(differ);
    this.load(adjudication);
    this.fill(disagreements);
  }

  /** What stands on the server, in the place of what stood here; texts stay. */
  load({ decisions, settlements, commented }) {
    this.#decisions.clear();
    this.#versions.clear();
    this.settlements = settlements;
    this.#commented = new Map(Object.entries(commented).map(([epoch, count]) => [Number(epoch), count]));
    for (const [epoch, version, choice, side, stage, reason] of decisions) {
      this.set(epoch, { choice, side, stage, reason });
      this.setVersion(epoch, version);
    }
    this.#untouched = new Set(Array.from({ length: this.epochCount }, (_, epoch) => epoch));
  }

  /** Texts of some epochs, {epoch: {sides, decision, comments}}; what was decided here meanwhile stays. */
  fill(texts) {
    for (const [key, { sides, decision, comments, comment_count: count }] of Object.entries(texts)) {
      const epoch = Number(key);
      this.#texts.set(epoch, { sides, comments });
      this.#commented.set(epoch, count);
      if (!this.#untouched.has(epoch) || decision.version < this.version(epoch)) continue;
      this.set(epoch, decision);
      this.setVersion(epoch, decision.version);
      this.#untouched.add(epoch);
    }
  }

  /** Whether the texts of the epoch are here. */
  hasTexts(epoch) {
    return Boolean(this.#texts.get(epoch)?.sides);
  }

  /** What each side says where they differ, without words while these are not here; null where all agree. */
  disagreement(epoch) {
    const stages = this.stages.map((of) => of[epoch]);
    if (stages.every((stage) => stage === stages[0])) return null;
    const { sides } = this.#texts.get(epoch) ?? {};
    return stages.map((stage, place) => sides?.[place] ?? { stage, rules: [], rationale: "", flags: [] });
  }

  commentsOn(epoch) {
    return this.#texts.get(epoch)?.comments ?? [];
  }

  commentCount(epoch) {
    return this.#commented.get(epoch) ?? 0;
  }

  addComment(comment) {
    const { epoch } = comment;
    const others = this.commentsOn(epoch).filter(({ id }) => id !== comment.id);
    const isNew = others.length === this.commentsOn(epoch).length;
    this.#texts.set(epoch, { ...this.#texts.get(epoch), comments: [...others, comment] });
    this.#commented.set(epoch, this.commentCount(epoch) + (isNew ? 1 : 0));
  }

  /** Comments written before those that are here. */
  addEarlierComments(epoch, earlier) {
    this.#texts.set(epoch, { ...this.#texts.get(epoch), comments: [...earlier, ...this.commentsOn(epoch)] });
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
    this.#untouched.delete(epoch);
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

  /** Whether a person or a rule settled the epoch, which can be withdrawn. */
  mayWithdraw(epoch) {
    return HAND.includes(this.decision(epoch).choice);
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

  /** How many epochs are settled in each way, by the name of the choice. */
  tally() {
    const counts = new Map([["unanimous", 0], ["majority", 0], ["take", 0], ["write", 0]]);
    for (const { choice } of this.#decisions.values())
      if (counts.has(choice)) counts.set(choice, counts.get(choice) + 1);
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
  majority: () => "settled by rule",
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

  /** A rule settled or opened epochs: what was done before cannot be undone any more. */
  forget() {
    this.#undo = new UndoStack();
    this.#changed(null);
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
