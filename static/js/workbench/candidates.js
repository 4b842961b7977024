// Detected waves of the epoch on screen: faint marks that a key turns on, each to be looked at and taken over.

import { setText } from "./dom.js";
import { labelOf, marked, placeAndSize } from "./evidence.js";
import { OpenEpochs } from "./openepochs.js";

const overlaps = (a, b) => a.start_s < b.end_s && b.start_s < a.end_s;

/** Detected waves that are not marked already: of the same kind, in the same place. */
export function untaken(candidates, evidence) {
  return candidates.filter((found) => !evidence.some((own) =>
    own.kind === found.kind && own.derivation === found.derivation && overlaps(own, found)));
}

export class Candidates {
  #parts;
  #bench;
  #desk;
  #locks;
  #found;
  #epoch = 0;
  #at = null;
  #note = "";

  /** `desk` draws and lights waves; `fetch(first, count)` asks the server. */
  constructor({ parts, bench, desk, locks, fetch }) {
    this.#parts = parts;
    this.#bench = bench;
    this.#desk = desk;
    this.#locks = locks;
    this.#found = new OpenEpochs({
      epochCount: bench.store.epochCount,
      isOpen: (epoch) => locks.isOpen(epoch),
      fetch: async (first, count) => this.#ready(await fetch(first, count)),
    });
    this.#found.addEventListener("change", () => this.#draw());
    parts.candidateTake.addEventListener("click", () => this.#take());
    parts.candidate.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#leave();
    });
  }

  get isOn() {
    return this.#bench.settings.candidates;
  }

  show(epoch) {
    if (epoch !== this.#epoch) this.#leave();
    this.#epoch = epoch;
    this.#parts.detected.setAttribute("aria-pressed", String(this.isOn));
    if (this.isOn) this.#found.want(epoch);
    this.#draw();
  }

  toggle() {
    this.#bench.remember({ ...this.#bench.settings, candidates: !this.isOn });
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

  /** A click on a faint mark looks at it; a second one takes it. */
  clicked({ derivation, atS }) {
    const found = this.#here.find((event) => event.derivation === derivation && event.start_s <= atS && event.end_s >= atS);
    if (!found) return this.#leave();
    if (found === this.#at) this.#take();
    else this.#choose(found);
  }

  get #here() {
    const found = this.isOn ? this.#found.of(this.#epoch) : null;
    return found ? untaken(found.events, this.#bench.store.score(this.#epoch).evidence) : [];
  }

  #draw() {
    this.#desk.setFaint(this.#here);
    setText(this.#parts.detected, this.isOn && this.#found.of(this.#epoch) ? `${this.#here.length} detected` : "detected");
    if (this.#at && !this.#here.includes(this.#at)) this.#leave();
  }

  #ready({ state, candidates, has_worker: hasWorker }) {
    this.#note = state === "ready" ? "" : hasWorker ? "The night is being searched for waves; they come by themselves" : "The night will be searched for waves once a worker runs";
    return state === "ready" ? candidates : null;
  }

  #sayHow() {
    const count = this.#here.length;
    if (this.#found.of(this.#epoch) !== undefined) this.#bench.say(`${count || "No"} detected ${count === 1 ? "wave" : "waves"} to take here`);
    else if (!this.#locks.isOpen(this.#epoch)) this.#bench.say("Detected waves show once your answer is locked");
    else if (this.#found.failed) this.#bench.say("Detected waves could not be fetched; they come once the server answers");
    else this.#bench.say(this.#note || "Detected waves are on their way");
  }

  #choose(event) {
    this.#at = event;
    this.#desk.light(event);
    const here = this.#here;
    setText(this.#parts.candidateText, `${here.indexOf(event) + 1} of ${here.length} detected: ${labelOf(event.kind)} in ${placeAndSize(event)}`);
    this.#parts.candidate.hidden = false;
    this.#parts.candidateTake.focus();
  }

  #leave() {
    if (!this.#at) return;
    this.#at = null;
    this.#desk.light(null);
    this.#parts.candidate.hidden = true;
    if (this.#parts.candidate.contains(document.activeElement)) document.activeElement.blur();
  }

  #take() {
    const event = this.#at;
    const patch = marked(this.#bench.store.score(this.#epoch), event, { withPhrase: Boolean(this.#parts.rationale) });
    this.#leave();
    if (patch && this.#bench.edit(patch, "evidence")) this.#bench.say(`Marked: ${labelOf(event.kind)} in ${event.derivation}`);
  }
}
