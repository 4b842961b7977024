// Measuring by pointer or by keys: a stretch of one derivation, its values beside it, and the kinds to mark it as.

import { element, setText } from "./dom.js";
import { KINDS } from "./evidence.js";
import { keyNames } from "./keynames.js";
import { signalWords } from "./measured.js";
import { between, isLongEnough, moved, onBand, widened } from "./selection.js";

const STEP_S = 0.1;
const LEAP_S = 1;
const FIRST_WIDTH_S = 1;
const CLICK_PX = 4;

/** "changed" events: another stretch, or none. "marked" events carry {kind}. "clicked" events carry {derivation, atS}. */
export class Measuring extends EventTarget {
  selection = null;
  #parts;
  #traces;
  #valuesOf;
  #kinds;
  #lastEndS = null;
  #last = null;

  /**
   * `valuesOf(selection)` gives {values, signal, sfreqHz}, empty where the signal is not here; `kinds` are those a
   * wave can be marked as, none where nothing is marked.
   */
  constructor({ parts, traces, valuesOf, kinds = KINDS }) {
    super();
    this.#parts = parts;
    this.#traces = traces;
    this.#valuesOf = valuesOf;
    this.#kinds = kinds;
    parts.measureKinds.replaceChildren(...kinds.map(kindButton));
    parts.measureKinds.addEventListener("click", (event) => {
      const button = event.target.closest("[data-kind]");
      if (button) this.#mark(button.dataset.kind);
    });
    this.#followPointer(parts.traces);
    document.addEventListener("keydown", (event) => this.#onKey(event), { capture: true });
  }

  /** The cursor of the keys: where it was last in this epoch, or in the middle of what is shown. */
  toggle() {
    if (this.selection) return this.#select(null);
    const { bands, page } = this.#traces;
    if (!bands?.length) return;
    const middleS = ((page.lit.from + page.lit.to) / 2 - page.epochX) / page.pxPerS;
    const startS = this.#lastEndS ?? middleS - FIRST_WIDTH_S / 2;
    const known = bands.find(({ name }) => name === this.#last) ?? bands.find(({ name }) => name === "C4-M1") ?? bands[0];
    this.#select(moved(between(known.name, 0, FIRST_WIDTH_S), startS));
  }

  /** Another epoch is on the page. */
  leave() {
    this.#lastEndS = null;
    if (this.selection) this.#select(null);
  }

  get measured() {
    return this.#valuesOf(this.selection);
  }

  #select(selection) {
    this.selection = selection;
    if (selection) [this.#lastEndS, this.#last] = [selection.endS, selection.derivation];
    this.#showBar();
    this.dispatchEvent(new CustomEvent("changed"));
  }

  #mark(kind) {
    if (!isLongEnough(this.selection)) return;
    this.dispatchEvent(new CustomEvent("marked", { detail: { kind } }));
    this.#select(null);
  }

  #showBar() {
    const { measure, measureValues } = this.#parts;
    measure.hidden = this.selection === null;
    if (!this.selection) return;
    setText(measureValues, readout(this.selection, this.measured));
  }

  #onKey(event) {
    if (!this.selection || document.querySelector("dialog[open]")) return;
    if (event.altKey || event.isComposing || event.target.closest("input, textarea, select")) return;
    if (!this.#does(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #does(event) {
    const { bands } = this.#traces;
    const changes = {
      ArrowLeft: (s) => moved(s, -STEP_S),
      ArrowRight: (s) => moved(s, STEP_S),
      "Ctrl+ArrowLeft": (s) => moved(s, -LEAP_S),
      "Ctrl+ArrowRight": (s) => moved(s, LEAP_S),
      "Shift+ArrowLeft": (s) => widened(s, -STEP_S),
      "Shift+ArrowRight": (s) => widened(s, STEP_S),
      "Ctrl+Shift+ArrowLeft": (s) => widened(s, -LEAP_S),
      "Ctrl+Shift+ArrowRight": (s) => widened(s, LEAP_S),
      ArrowUp: (s) => onBand(s, bands, -1),
      ArrowDown: (s) => onBand(s, bands, 1),
      Escape: () => null,
    };
    const names = keyNames(event);
    const key = names.find((name) => name in changes);
    const kind = this.#kinds.find((one) => names.includes(one.key))?.kind;
    if (key) this.#select(changes[key](this.selection));
    else if (kind && !event.repeat) this.#mark(kind);
    return key !== undefined || kind !== undefined;
  }

  #followPointer(area) {
    let from = null;
    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest("button, a, input, aside")) return;
      from = this.#placeOf(event);
      if (from) area.setPointerCapture(event.pointerId);
    });
    area.addEventListener("pointermove", (event) => {
      if (!from || event.buttons !== 1 || Math.abs(event.clientX - from.clientX) < CLICK_PX) return;
      this.#select(between(from.derivation, from.atS, this.#secondsAt(event)));
    });
    const end = (event) => {
      const isClick = from && Math.abs(event.clientX - from.clientX) < CLICK_PX;
      const { derivation, atS } = from ?? {};
      from = null;
      if (!isClick) return;
      if (this.selection) this.#select(null);
      this.dispatchEvent(new CustomEvent("clicked", { detail: { derivation, atS } }));
    };
    area.addEventListener("pointerup", end);
    area.addEventListener("pointercancel", () => (from = null));
  }

  #secondsAt(event) {
    const { page } = this.#traces;
    const box = this.#parts.marks.getBoundingClientRect();
    return ((event.clientX - box.left) * devicePixelRatio - page.epochX) / page.pxPerS;
  }

  /** Derivation and second under the pointer, or null beside the epoch under scoring. */
  #placeOf(event) {
    const { page, bands } = this.#traces;
    if (!bands?.length || this.#traces.isNight) return null;
    const box = this.#parts.marks.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
    if (x < page.lit.from || x > page.lit.to) return null;
    const band = bands[Math.min(bands.length - 1, Math.floor((y * bands.length) / page.height))];
    return { derivation: band.name, atS: this.#secondsAt(event), clientX: event.clientX };
  }
}

function kindButton({ kind, key, label }) {
  return element("button", { type: "button", tabindex: "-1", "data-kind": kind, title: `Mark as ${label} (${key})` }, element("kbd", {}, key), label);
}

function shortNumber(value) {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

function readout({ derivation, startS, endS }, { values = {}, signal }) {
  const band = Object.keys(values).find((name) => name.endsWith("_power_uv2"));
  return [
    derivation,
    `${startS.toFixed(1)} s`,
    `${(endS - startS).toFixed(2)} s long`,
    ...(values.peak_to_peak_uv === undefined ? [] : [`${values.peak_to_peak_uv.toFixed(0)} µV pp`]),
    ...(values.frequency_hz === undefined ? [] : [`${values.frequency_hz.toFixed(1)} Hz`]),
    ...(band ? [`${band.split("_")[0]} ${shortNumber(values[band])} µV²`] : []),
    ...(signalWords(signal) ? [signalWords(signal)] : []),
  ].join("  ·  ");
}
