// Suggestions and detected waves as this page may know them.

import { cited, labelOf, marked, placeAndSize } from "../signals/evidence.js";
import { setText } from "../site/dom.js";
import { inserted } from "./panel.js";

// What the server lets out of single epochs, fetched around where we are and kept. In reveal an epoch opens
// with its lock; nothing is requested before that.

const BLOCK_EPOCHS = 16;
const RETRY_MS = 10_000;
const WAITING_MS = 3_000;

/** "change" events: something is known, or known to be out of reach, that was not before. */
export class OpenEpochs extends EventTarget {
  failed = false;
  #epochCount;
  #isOpen;
  #fetch;
  #known = new Map();
  #requested = new Set();
  #timer = null;
  #at = 0;

  /** `fetch(first, count)` resolves with [{epoch, ...}], or null while the server has to be requested again. */
  constructor({ epochCount, isOpen, fetch }) {
    super();
    this.#epochCount = epochCount;
    this.#isOpen = isOpen;
    this.#fetch = fetch;
  }

  /** What is known of an epoch, null where there is nothing, undefined while it is not here. */
  of(epoch) {
    return this.#isOpen(epoch) ? this.#known.get(epoch) : undefined;
  }

  put(epoch, value) {
    this.#known.set(epoch, value);
    this.dispatchEvent(new Event("change"));
  }

  /** Make the open epochs around `epoch` come in: its own block, the next, and the block before. */
  want(epoch) {
    this.#at = epoch;
    const here = Math.floor(epoch / BLOCK_EPOCHS);
    for (const block of [here, here + 1, here - 1]) this.#load(this.#missing(block));
  }

  #missing(block) {
    const epochs = Array.from({ length: BLOCK_EPOCHS }, (_, index) => block * BLOCK_EPOCHS + index);
    const isMissing = (epoch) =>
      epoch >= 0 && epoch < this.#epochCount && this.#isOpen(epoch) && !this.#known.has(epoch);
    return epochs.filter((epoch) => isMissing(epoch) && !this.#requested.has(epoch));
  }

  async #load(epochs) {
    if (!epochs.length) return;
    const [first, count] = [epochs[0], epochs.at(-1) - epochs[0] + 1];
    epochs.forEach((epoch) => this.#requested.add(epoch));
    try {
      this.#take(epochs, await this.#fetch(first, count));
      this.failed = false;
    } catch (error) {
      // It is advice: the work goes on without it, and is requested again.
      if (!("status" in error)) throw error;
      this.failed = true;
      this.#retryIn(RETRY_MS);
    } finally {
      epochs.forEach((epoch) => this.#requested.delete(epoch));
      this.dispatchEvent(new Event("change"));
    }
  }

  #take(epochs, values) {
    clearTimeout(this.#timer);
    if (values === null) return this.#retryIn(WAITING_MS);
    const byEpoch = new Map(values.map((value) => [value.epoch, value]));
    for (const epoch of epochs) this.#known.set(epoch, byEpoch.get(epoch) ?? null);
  }

  #retryIn(afterMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.want(this.#at), afterMs);
  }
}

// Suggestions as this page may know them: which epochs are open, what they suggest, and what is taken over.

/** Which answers are locked, or about to be; in other modes than reveal every epoch is open. */
export class Locks {
  #mode;
  #locked;
  #waiting = new Set();

  constructor({ mode, locked }) {
    this.#mode = mode;
    this.#locked = new Set(locked);
  }

  /** Whether the own answer comes first and this epoch has none that is fixed or on its way to be. */
  isDue(epoch) {
    return this.#mode === "reveal" && !this.#locked.has(epoch) && !this.#waiting.has(epoch);
  }

  isWaiting(epoch) {
    return this.#waiting.has(epoch);
  }

  isOpen(epoch) {
    return this.#mode !== "reveal" || this.#locked.has(epoch);
  }

  get hasOpen() {
    return this.#mode !== "reveal" || this.#locked.size > 0;
  }

  wait(epoch) {
    this.#waiting.add(epoch);
  }

  settle(epoch, { isLocked }) {
    this.#waiting.delete(epoch);
    if (isLocked) this.#locked.add(epoch);
  }
}

/** Suggestions by epoch, and their stages for the strip of the night. */
export class Suggestions extends OpenEpochs {
  #stages = new Map();
  #api;

  constructor({ epochCount, locks, api }) {
    super({
      epochCount,
      isOpen: (epoch) => locks.isOpen(epoch),
      fetch: async (first, count) => (await api.suggestions(first, count)).suggestions,
    });
    this.#api = api;
  }

  stage(epoch) {
    return this.#stages.get(epoch) ?? null;
  }

  opened(epoch, suggestion) {
    if (suggestion?.stage) this.#stages.set(epoch, suggestion.stage);
    this.put(epoch, suggestion);
  }

  /** The stages of all open epochs; without an answer the strip shows the own ones alone. */
  async loadStages() {
    const answer = await this.#api.suggestedStages().catch((error) => {
      if (!("status" in error)) throw error;
      return null;
    });
    for (const [epoch, stage] of answer?.stages ?? []) if (stage) this.#stages.set(epoch, stage);
  }
}

const sameEvent = (a, b) => ["kind", "derivation", "start_s", "end_s"].every((name) => a[name] === b[name]);

/** Waves that the rationale names come along with it, unless they are marked already. */
function evidenceWith(own, suggestion) {
  const fresh = cited(suggestion).filter((event) => !own.some((other) => sameEvent(other, event)));
  return [...own, ...fresh].sort((a, b) => a.start_s - b.start_s || a.end_s - b.end_s);
}

/** What changes when a suggestion is taken over whole; words only where rationales are written. */
export function takenWhole(score, suggestion, { withWords }) {
  const { stage, rules } = suggestion;
  if (!withWords) return { stage, rules: [...rules] };
  return {
    stage, rules: [...rules], rationale: suggestion.rationale, evidence: evidenceWith(score.evidence, suggestion),
  };
}

/** What changes when only its words are: they follow what was written. */
export function takenWords(score, suggestion) {
  const { rationale } = suggestion;
  const words = score.rationale.includes(rationale) ? score.rationale : inserted(score.rationale, rationale).text;
  return { rationale: words, evidence: evidenceWith(score.evidence, suggestion) };
}

/** "agrees", "same stage" or "differs"; null without an own stage to compare. */
export function comparison(score, suggestion) {
  if (score.stage === null) return null;
  if (score.stage !== suggestion.stage) return "differs";
  const cites = ({ rules }) => JSON.stringify([...rules].sort());
  return cites(score) === cites(suggestion) ? "agrees" : "same stage";
}

// Detected waves of the epoch on screen: faint marks that a key turns on, each to be looked at and taken over.

const overlaps = (a, b) => a.start_s < b.end_s && b.start_s < a.end_s;

/** Detected waves that are not marked already: of the same kind, in the same place. */
export function untaken(candidates, evidence) {
  return candidates.filter((wave) => !evidence.some((own) =>
    own.kind === wave.kind && own.derivation === wave.derivation && overlaps(own, wave)));
}

export class Candidates {
  #bench;
  #desk;
  #locks;
  #detected;
  #epoch = 0;
  #at = null;
  #note = "";

  /** `desk` draws and lights waves; `fetch(first, count)` asks the server. */
  constructor(bench, { desk, locks, fetch }) {
    [this.#bench, this.#desk, this.#locks] = [bench, desk, locks];
    this.#detected = new OpenEpochs({
      epochCount: bench.store.epochCount,
      isOpen: (epoch) => locks.isOpen(epoch),
      fetch: async (first, count) => this.#ready(await fetch(first, count)),
    });
    this.#detected.addEventListener("change", () => this.#draw());
    desk.addEventListener("clicked", ({ detail }) => this.#clicked(detail));
    const { candidate, candidateTake } = bench.parts;
    candidateTake.addEventListener("click", () => this.#take());
    candidate.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#leave();
    });
  }

  get isOn() {
    return this.#bench.view.settings.candidates;
  }

  show(epoch) {
    if (epoch !== this.#epoch) this.#leave();
    this.#epoch = epoch;
    this.#bench.parts.detected.setAttribute("aria-pressed", String(this.isOn));
    if (this.isOn) this.#detected.want(epoch);
    this.#draw();
  }

  toggle() {
    this.#bench.view.remember({ ...this.#bench.view.settings, candidates: !this.isOn });
    this.#leave();
    this.show(this.#epoch);
    if (this.isOn) this.#sayHow();
  }

  next() {
    if (!this.isOn) this.toggle();
    const here = this.#here;
    if (!here.length) return this.#sayHow();
    this.#choose(here[(here.indexOf(this.#at) + 1) % here.length]);
  }

  /** A click on a faint mark looks at it; a second click takes it. */
  #clicked({ derivation, atS }) {
    const wave = this.#here.find((event) =>
      event.derivation === derivation && event.start_s <= atS && event.end_s >= atS);
    if (!wave) return this.#leave();
    if (wave === this.#at) this.#take();
    else this.#choose(wave);
  }

  get #here() {
    const detected = this.isOn ? this.#detected.of(this.#epoch) : null;
    return detected ? untaken(detected.events, this.#bench.store.score(this.#epoch).evidence) : [];
  }

  #draw() {
    this.#desk.setFaint(this.#here);
    setText(
      this.#bench.parts.detected,
      this.isOn && this.#detected.of(this.#epoch) ? `${this.#here.length} detected` : "detected",
    );
    if (this.#at && !this.#here.includes(this.#at)) this.#leave();
  }

  #ready({ state, candidates, has_worker: hasWorker }) {
    const isReady = state === "ready";
    const waiting = hasWorker
      ? "Wave detection is running; waves appear automatically"
      : "Wave detection starts when a worker is running";
    this.#note = isReady ? "" : waiting;
    return isReady ? candidates : null;
  }

  #sayHow() {
    const count = this.#here.length;
    if (this.#detected.of(this.#epoch) !== undefined)
      this.#bench.answers.say(`${count || "No"} detected ${count === 1 ? "wave" : "waves"} in this epoch`);
    else if (!this.#locks.isOpen(this.#epoch))
      this.#bench.answers.say("Detected waves are shown after your answer is locked");
    else if (this.#detected.failed)
      this.#bench.answers.say("Detected waves could not be loaded; they appear when the server answers");
    else this.#bench.answers.say(this.#note || "Detected waves are loading");
  }

  #choose(event) {
    this.#at = event;
    this.#desk.light(event);
    const here = this.#here;
    setText(
      this.#bench.parts.candidateText,
      `${here.indexOf(event) + 1} of ${here.length} detected: ${labelOf(event.kind)} in ${placeAndSize(event)}`,
    );
    this.#bench.parts.candidate.hidden = false;
    this.#bench.parts.candidateTake.focus();
  }

  #leave() {
    if (!this.#at) return;
    this.#at = null;
    this.#desk.light(null);
    this.#bench.parts.candidate.hidden = true;
    if (this.#bench.parts.candidate.contains(document.activeElement)) document.activeElement.blur();
  }

  #take() {
    const event = this.#at;
    const patch = marked(this.#bench.store.score(this.#epoch), event, {
      withPhrase: Boolean(this.#bench.parts.rationale),
    });
    this.#leave();
    if (patch && this.#bench.editing.change(patch, "evidence"))
      this.#bench.answers.say(`Marked: ${labelOf(event.kind)} in ${event.derivation}`);
  }
}
