// Brings measuring, marks, chips, ruler and rationale together for the epoch on the page.

import { DERIVATIONS } from "../signals/channels.js";
import { eventAtCaret, labelOf, marked, placeAndSize, unmarked } from "../signals/evidence.js";
import { MarksView, Measuring, showRuler } from "../signals/measuring.js";
import { valuesOf } from "../signals/samples.js";
import { EPOCH_S, partCount } from "../signals/scale.js";
import { element } from "../site/dom.js";

/** "clicked" events {derivation, atS}: a place on the traces where the scorer has marked nothing. */
export class EvidenceDesk extends EventTarget {
  #bench;
  #traces;
  #chips;
  #measuring = null;
  #marks = null;
  #lit = null;
  #faint = [];
  #other = null;
  #epoch = null;
  #spectrum = null;

  /** `traces` is null where the recording has no signals. */
  constructor(bench, { traces }) {
    super();
    [this.#bench, this.#traces] = [bench, traces];
    const { evidence, rationale } = bench.parts;
    this.#chips = new EvidenceChips({
      list: evidence,
      onLook: (index) => this.#look(index),
      onRemove: (index) => this.#remove(index),
    });
    if (traces) this.#attachTraces(traces);
    if (rationale) this.#followCaret(rationale);
  }

  /** The page has turned, or the epoch has changed. */
  show(epoch) {
    if (epoch !== this.#epoch) this.#leave();
    this.#epoch = epoch;
    const { evidence } = this.#bench.store.score(epoch);
    if (!evidence.includes(this.#lit)) this.#lit = null;
    this.#chips.show(evidence);
    showRuler(this.#bench.parts.ruler, evidence);
    this.#draw();
  }

  /** Waves that are put forward and not marked: drawn faintly, in the epoch on the page. */
  setFaint(events) {
    if (!events.length && !this.#faint.length) return;
    this.#faint = events;
    this.#draw();
  }

  /** Light a wave that others name, null to let it go; own evidence is lit by its chip or its words. */
  light(event) {
    if (event === this.#other) return;
    this.#other = event;
    if (event) this.#bringIntoView(event);
    this.#draw();
  }

  /** V: measure by keys, and leave it. */
  toggle() {
    if (!this.#measuring) this.#bench.answers.say("No signal to measure");
    else if (this.#traces.isNight) this.#bench.answers.say("Measuring needs a shorter page: press +");
    else this.#measuring.toggle();
  }

  /** The spectrum of the measured stretch, until it is closed; what draws it is loaded with the first. */
  async toggleSpectrum() {
    if (this.#spectrum) return this.#closeSpectrum();
    if (!this.#measuring?.selection) return this.#bench.answers.say("Measure a stretch first: drag over a trace");
    const { SpectrumPanel } = await import("../signals/spectrum.js");
    this.#spectrum ??= new SpectrumPanel({
      holder: this.#bench.parts.traces, traces: this.#traces, onClose: () => this.#closeSpectrum(),
    });
    this.#spectrum.show(this.#measuring.selection);
  }

  #closeSpectrum() {
    this.#spectrum?.close();
    this.#spectrum = null;
  }

  nextChip() {
    if (!this.#chips.focusNext()) this.#bench.answers.say("This epoch has no marks");
  }

  #leave() {
    [this.#faint, this.#other] = [[], null];
    this.#measuring?.leave();
  }

  get #score() {
    return this.#bench.store.score(this.#epoch);
  }

  #attachTraces(traces) {
    this.#marks = new MarksView({ canvas: this.#bench.parts.marks, traces });
    traces.followers.push(() => {
      this.#marks.restyle();
      if (traces.isNight) this.#measuring?.leave();
      this.#draw();
    });
    this.#measuring = new Measuring({
      parts: this.#bench.parts, traces,
      valuesOf: (selection) => valuesOf(selection, traces),
    });
    this.#measuring.addEventListener("changed", () => {
      this.#draw();
      if (this.#measuring.selection) this.#spectrum?.show(this.#measuring.selection);
      else this.#closeSpectrum();
    });
    this.#measuring.addEventListener("marked", ({ detail }) => this.#mark(detail.kind));
    this.#measuring.addEventListener("clicked", ({ detail }) => this.#lookAt(detail));
  }

  #followCaret(box) {
    const look = () => document.activeElement === box && this.#look(eventAtCaret(this.#score, box.selectionStart));
    for (const name of ["click", "keyup"]) box.addEventListener(name, look);
    box.addEventListener("blur", () => this.#look(-1));
  }

  #mark(kind) {
    const { derivation, startS, endS } = this.#measuring.selection;
    if (!DERIVATIONS.includes(derivation)) return this.#bench.answers.say("Events can be marked on a derivation only");
    const { values = {}, signal, sfreqHz } = this.#measuring.measured;
    const rounded = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(6))]),
    );
    const event = {
      kind, derivation, start_s: startS, end_s: endS, values: rounded, ...(signal && { signal, sfreq_hz: sfreqHz }),
    };
    const patch = marked(this.#score, event, { withPhrase: Boolean(this.#bench.parts.rationale) });
    if (!patch) return this.#bench.answers.say("Already marked");
    if (this.#bench.editing.change(patch, "evidence"))
      this.#bench.answers.say(`Marked: ${labelOf(kind)} in ${derivation}`);
  }

  #remove(index) {
    const { kind } = this.#score.evidence[index];
    if (this.#bench.editing.change(unmarked(this.#score, index), "evidence"))
      this.#bench.answers.say(`Removed: ${labelOf(kind)}`);
  }

  #look(index) {
    const event = this.#score.evidence[index] ?? null;
    if (event === this.#lit) return;
    this.#lit = event;
    if (event) this.#bringIntoView(event);
    this.#draw();
  }

  /** On a page shorter than the epoch the wave may lie in another part of it. */
  #bringIntoView(event) {
    const { pageS } = this.#bench.view.settings;
    const page = this.#traces?.page;
    if (!page || pageS >= EPOCH_S) return;
    const x = page.epochX + ((event.start_s + event.end_s) / 2) * page.pxPerS;
    if (x >= page.lit.from && x <= page.lit.to) return;
    this.#bench.turning.go(this.#epoch, Math.min(partCount(pageS) - 1, Math.floor(event.start_s / pageS)));
  }

  #lookAt({ derivation, atS }) {
    const own = this.#score.evidence.findIndex(
      (event) => event.derivation === derivation && event.start_s <= atS && event.end_s >= atS,
    );
    this.#look(own);
    if (own < 0) this.dispatchEvent(new CustomEvent("clicked", { detail: { derivation, atS } }));
  }

  #draw() {
    if (!this.#marks || this.#epoch === null) return;
    const evidenceAt = (offset) => this.#bench.store.score(this.#epoch + offset).evidence;
    this.#marks.draw({
      evidenceAt, lit: this.#lit, faint: this.#faint, other: this.#other, selection: this.#measuring.selection,
    });
  }
}

// The marked events of the epoch as chips: each finds its wave, and goes away with Del or its cross.

/** "spindle C4-M1 12.3 s"; the level of the chin is of the whole epoch: "chin tone 1.2 µV RMS". */
function chipWords({ kind, derivation, start_s: start, values }) {
  const level = values.rms_uv;
  return level === undefined
    ? `${labelOf(kind)} ${derivation} ${start.toFixed(1)} s`
    : `${labelOf(kind)} ${level.toFixed(1)} µV RMS`;
}

function chip(event, index) {
  return element(
    "li",
    { class: "chip", "data-kind": event.kind },
    element("button",
      {
        type: "button", "data-event": index, title: `${labelOf(event.kind)} in ${placeAndSize(event)} (Del removes it)`,
      },
      chipWords(event)),
    element("button",
      {
        type: "button", tabindex: "-1", "data-remove": index, title: "Remove (Del)",
        "aria-label": `Remove ${labelOf(event.kind)}`,
      },
      "×"),
  );
}

class EvidenceChips {
  #list;
  #drawn = "";

  /** `onLook(index)` when a chip is focused or clicked, -1 when left; `onRemove(index)`. */
  constructor({ list, onLook, onRemove }) {
    this.#list = list;
    const indexOf = (event, name) => {
      const button = event.target.closest(`[data-${name}]`);
      return button ? Number(button.dataset[name]) : null;
    };
    list.addEventListener("focusin", (event) => indexOf(event, "event") !== null && onLook(indexOf(event, "event")));
    list.addEventListener("focusout", () => onLook(-1));
    list.addEventListener("click", (event) => indexOf(event, "remove") !== null && onRemove(indexOf(event, "remove")));
    list.addEventListener("keydown", (event) => {
      const index = indexOf(event, "event");
      if (index === null || !["Delete", "Backspace", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") event.target.blur();
      else onRemove(index);
    });
  }

  show(evidence) {
    const state = JSON.stringify(evidence);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#list.replaceChildren(...evidence.map(chip));
  }

  /** Focus the chip after the focused chip, the first after the last. */
  focusNext() {
    const chips = [...this.#list.querySelectorAll("[data-event]")];
    chips[(chips.indexOf(document.activeElement) + 1) % chips.length]?.focus();
    return chips.length > 0;
  }
}
