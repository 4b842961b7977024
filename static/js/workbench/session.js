// Every change goes through here: into the store at once, onto the undo list, and into the save queue.

import { sameScore } from "./store.js";
import { UndoStack } from "./undo.js";

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
    if (sameScore(before, after)) return;
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
    const { stage, rules, rationale, flags, evidence } = this.#store.score(epoch);
    const content = { stage, rules, rationale, flags, evidence };
    const version = this.#store.version(epoch);
    this.#queue.put({ epoch, content, version, why, shown: { ...this.#shown(), ...took && { took } }, activeMs: this.#active.takeMs() });
  }
}
