// The scores of all epochs, and the way of every change: into the store, the undo list and the save queue.

import { contentOf, sameContent, UndoStack } from "../saving/changes.js";
import { attachUnsent, showSaveState } from "../saving/notices.js";

/** The scoring as this page knows it: a score for each epoch, and which epoch is on the page. */
export class ScoringStore {
  #scores = new Map();
  #versions = new Map();
  #scoredCount = 0;
  #unscored;

  /** `unscored` is what an epoch without a score has: it names the fields of a score. */
  constructor({ epochCount, unscored }) {
    this.epochCount = epochCount;
    this.current = 0;
    this.#unscored = Object.freeze(unscored);
  }

  score(epoch) {
    return this.#scores.get(epoch) ?? this.#unscored;
  }

  stage(epoch) {
    return this.score(epoch).stage;
  }

  version(epoch) {
    return this.#versions.get(epoch) ?? 0;
  }

  get scoredCount() {
    return this.#scoredCount;
  }

  set(epoch, score) {
    const kept = contentOf(this.#unscored, score);
    this.#scoredCount += (kept.stage !== null) - (this.stage(epoch) !== null);
    this.#scores.set(epoch, kept);
  }

  setVersion(epoch, version) {
    this.#versions.set(epoch, version);
  }

  clamp(epoch) {
    return Math.min(this.epochCount - 1, Math.max(0, epoch));
  }

  /** The next epoch after `from` without a stage, round the end of the night; null when there is none. */
  nextUnscored(from) {
    for (let step = 1; step <= this.epochCount; step++) {
      const epoch = (from + step) % this.epochCount;
      if (this.stage(epoch) === null) return epoch;
    }
    return null;
  }

  /** The next epoch whose stage differs from the stage before it; null when there is none. */
  nextTransition(from) {
    for (let epoch = from + 1; epoch < this.epochCount; epoch++) {
      if (this.stage(epoch) !== this.stage(epoch - 1)) return epoch;
    }
    return null;
  }

  scored() {
    return this.#epochs.filter((epoch) => this.stage(epoch) !== null);
  }

  unscored() {
    return this.#epochs.filter((epoch) => this.stage(epoch) === null);
  }

  get #epochs() {
    return Array.from({ length: this.epochCount }, (_, epoch) => epoch);
  }
}

/** The store of a scoring as the server sent it. */
export function filledStore({ epoch_count: epochCount, unscored, score_columns: columns, scores }) {
  const store = new ScoringStore({ epochCount, unscored });
  for (const row of scores) {
    const { epoch, version, ...score } = Object.fromEntries(columns.map((name, index) => [name, row[index]]));
    store.set(epoch, score);
    store.setVersion(epoch, version);
  }
  return store;
}

/** Runs of consecutive epochs, for saying "12-40, 73" instead of thirty numbers. */
export function runs(epochs) {
  const ranges = [];
  for (const epoch of epochs) {
    const last = ranges.at(-1);
    if (last && last.last === epoch - 1) last.last = epoch;
    else ranges.push({ first: epoch, last: epoch });
  }
  return ranges;
}

// Every change goes through here: into the store at once, onto the undo list, and into the save queue.

const TYPING_PAUSE_MS = 700;

// What of a suggestion a change took over; kept with the change.
const TAKEN = { suggestion: "whole", "suggested rationale": "rationale" };

/** "score" events carry {epoch}: that epoch's score is not what it was. */
export class Session extends EventTarget {
  #store;
  #queue;
  #undo = new UndoStack();
  #active;
  #shown;
  #lights;
  #typing = null;
  #timer = null;

  /** `active` measures time at work (takeMs()); `shown()` says what is on screen. */
  constructor({ store, queue, active, shown, lights }) {
    super();
    this.#store = store;
    this.#queue = queue;
    this.#active = active;
    this.#shown = shown;
    this.#lights = lights;
    queue.addEventListener("saved", ({ detail }) => store.setVersion(detail.epoch, detail.answer.version));
  }

  /** Saves that an earlier visit left in the browser, shown as they were. */
  adopt(items) {
    for (const { epoch, content } of items) if (content) this.#show(epoch, content);
  }

  change(epoch, patch, field) {
    const before = this.#store.score(epoch);
    const after = { ...before, ...patch };
    if (sameContent(before, after)) return;
    this.#undo.push({ epoch, before, after, field });
    this.#show(epoch, after);
    if (field === "rationale") this.#saveSoon(epoch);
    else this.#save(epoch, "edit", TAKEN[field]);
  }

  /** Fix the answer as it stands now; whatever comes after it was given with help at hand. */
  lock(epoch) {
    this.flush();
    this.#queue.lock({ epoch, version: this.#store.version(epoch) });
  }

  /** Other lights marks: on the same list of what can be undone. */
  changeLights(after) {
    this.flush();
    this.#undo.push({ epoch: null, before: this.#lights.own, after, field: "lights" });
    this.#lights.put(after, "edit");
  }

  /** Returns the epoch it changed, "lights" for the marks, or null when there is nothing to undo. */
  undo() {
    this.flush();
    const change = this.#undo.undo();
    return change && this.#restore(change, change.before, "undo");
  }

  redo() {
    this.flush();
    const change = this.#undo.redo();
    return change && this.#restore(change, change.after, "redo");
  }

  /** The other side of a conflict becomes ours; undo brings our own back. */
  takeTheirs(epoch, current) {
    this.flush();
    this.#queue.takeTheirs(epoch);
    this.#store.setVersion(epoch, current.version);
    this.#undo.push({ epoch, before: this.#store.score(epoch), after: current, field: "conflict" });
    this.#show(epoch, current);
  }

  /** Put typed words into the queue now: the epoch or the page is being left. */
  flush() {
    this.#undo.close();
    if (this.#typing !== null) this.#save(this.#typing, "edit");
  }

  #restore({ epoch, field }, content, why) {
    if (field === "lights") {
      this.#lights.put(content, why);
      return "lights";
    }
    this.#show(epoch, content);
    this.#save(epoch, why);
    return epoch;
  }

  #show(epoch, content) {
    this.#store.set(epoch, content);
    this.dispatchEvent(new CustomEvent("score", { detail: { epoch } }));
  }

  #saveSoon(epoch) {
    if (this.#typing !== null && this.#typing !== epoch) this.flush();
    this.#typing = epoch;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(epoch, "edit"), TYPING_PAUSE_MS);
  }

  #save(epoch, why, took) {
    if (this.#typing === epoch) {
      clearTimeout(this.#timer);
      this.#typing = null;
    }
    const content = this.#store.score(epoch);
    const version = this.#store.version(epoch);
    this.#queue.put({
      epoch, content, version, why, shown: { ...this.#shown(), ...(took && { took }) }, activeMs: this.#active.takeMs(),
    });
  }
}

// What the page does as saves move, fail or end.

/** Why nothing more can be saved, in the words of the bar, by the server's code or the scoring's state. */
export const CLOSED = { submitted: "submitted", withdrawn: "withdrawn", archived: "archived" };

/** What an earlier visit left unsent, shown as it was left. */
export async function restore({ bench, lights, assistance }, { queue, lightsQueue }) {
  const left = await queue.restore();
  bench.session.adopt(left);
  assistance?.adopt(left);
  lights.adopt(await lightsQueue.restore());
}

/** `night` is the name of the night in what is said of changes that were not sent. */
export function followSaves({ parts, session, editing }, { queue, lightsQueue, saves, night }) {
  saves.addEventListener("state", () => showSaveState(parts, saves.state));
  // Of two windows the later mark of the lights stands, and the history has both.
  lightsQueue.addEventListener("conflict", ({ detail }) => lightsQueue.keepMine(detail.epoch));
  for (const sign of ["online", "focus"]) addEventListener(sign, () => saves.wake());
  document.addEventListener("visibilitychange", () => (document.hidden ? session.flush() : saves.wake()));
  addEventListener("beforeunload", (event) => {
    session.flush();
    if (saves.state.count) event.preventDefault();
  });
  for (const each of [queue, lightsQueue]) followClosing(each, editing);
  attachUnsent({ button: parts.readUnsent, night, state: () => saves.state, queues: [queue, lightsQueue] });
}

/** A refusal for good ends the work here, before more is done in vain; a save that goes through opens it again. */
function followClosing(queue, editing) {
  let closed = false;
  queue.addEventListener("closed", ({ detail }) => {
    if (!(detail.code in CLOSED)) return;
    closed = true;
    editing.lock(CLOSED[detail.code]);
  });
  queue.addEventListener("saved", () => {
    if (closed) editing.lock(null);
    closed = false;
  });
}
