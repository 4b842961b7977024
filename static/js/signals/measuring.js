// Measuring on the traces, and how marks of waves are drawn over them.

import { keyNames } from "../keys/keyboard.js";
import { colourOn, element, fontPx, setText } from "../site/dom.js";
import { labelOf, MARKED_KINDS, slowWaveSeconds } from "./evidence.js";
import { signalWords } from "./samples.js";
import { EPOCH_S, visibleOffsets } from "./scale.js";

// The stretch being measured: where it is on its derivation, and how the keys move it.

const SHORTEST_S = 0.05;

const rounded = (s) => Math.round(s * 100) / 100;
const clamped = (s, low, high) => Math.min(high, Math.max(low, s));

/** A stretch between two times in either order, held inside the epoch. */
export function between(derivation, fromS, toS) {
  const [start, end] = [fromS, toS].map((s) => rounded(clamped(s, 0, EPOCH_S))).sort((a, b) => a - b);
  return { derivation, startS: start, endS: end };
}

export function isLongEnough({ startS, endS }) {
  return endS - startS >= SHORTEST_S;
}

/** Moved as it is, stopping at the ends of the epoch. */
export function moved(selection, byS) {
  const by = clamped(byS, -selection.startS, EPOCH_S - selection.endS);
  return { ...selection, startS: rounded(selection.startS + by), endS: rounded(selection.endS + by) };
}

/** Wider or narrower at its end. */
export function widened(selection, byS) {
  return { ...selection, endS: rounded(clamped(selection.endS + byS, selection.startS + SHORTEST_S, EPOCH_S)) };
}

/** The same time on the derivation `by` bands further down. */
export function onBand(selection, bands, by) {
  const at = bands.findIndex((band) => band.name === selection.derivation);
  return { ...selection, derivation: bands[clamped(at + by, 0, bands.length - 1)].name };
}

// Measuring by pointer or by keys: a stretch of a derivation, its values beside it, and the kinds to mark it as.

const STEP_S = 0.1;
const LEAP_S = 1;
const FIRST_WIDTH_S = 1;
const CLICK_PX = 4;

/** Events: "changed", another stretch or none; "marked" with {kind}; "clicked" with {derivation, atS}. */
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
  constructor({ parts, traces, valuesOf, kinds = MARKED_KINDS }) {
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
    const known =
      bands.find(({ name }) => name === this.#last) ?? bands.find(({ name }) => name === "C4-M1") ?? bands[0];
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
    if (!this.selection || event.defaultPrevented || document.querySelector("dialog[open]")) return;
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
    const kind = this.#kinds.find(({ letter }) => names.includes(letter))?.id;
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

function kindButton({ id, letter, label }) {
  const title = `Mark as ${label} (${letter})`;
  return element("button", { type: "button", tabindex: "-1", "data-kind": id, title },
    element("kbd", {}, letter), label);
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

// The slow-wave ruler: seconds of marked slow waves on F4 towards the 6 s that N3 asks for.

const N3_SECONDS = 6;

export function showRuler(node, evidence) {
  const seconds = slowWaveSeconds(evidence);
  node.hidden = seconds === 0;
  node.toggleAttribute("data-met", seconds >= N3_SECONDS);
  setText(node, `slow waves ${seconds.toFixed(1)} of ${N3_SECONDS} s`);
}

// Draws what is marked and what is being measured, on a canvas of its own over the traces.

const FAINT = { ground: 0.05, line: 0.4 };
const QUIET = { ground: 0.07, line: 0.55 };
const LIT = { ground: 0.22, line: 1 };
const SELECTED = { ground: 0.14, line: 1 };
const LINE_PX = 2;

export class MarksView {
  #canvas;
  #context;
  #traces;
  #isClear = true;
  #look = null;

  constructor({ canvas, traces }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#traces = traces;
  }

  /**
   * `evidenceAt(offset)` gives the marks of the epoch `offset` epochs away; `lit` is a mark of these or null.
   * `faint` are waves of this epoch put forward by others, `other` a wave of theirs to be lit, or null.
   */
  draw({ evidenceAt, lit, faint, other, selection }) {
    const { page, bands } = this.#traces;
    if (!page) return;
    this.#clear(page);
    if (this.#traces.isNight) return;
    const offsets = visibleOffsets(page).filter((offset) => evidenceAt(offset).length);
    if (!offsets.length && !selection && !faint.length && !other) return;
    this.#isClear = false;
    this.#look ??= lookOn(this.#canvas);
    const { font, halo, faintInk, ink } = this.#look;
    Object.assign(this.#context, {
      font, lineWidth: 3 * devicePixelRatio, lineJoin: "round", strokeStyle: halo, fillStyle: faintInk,
    });
    for (const event of faint) if (event !== other) this.#stretch(page, bands, event, 0, FAINT);
    this.#context.fillStyle = ink;
    if (other) this.#mark(page, bands, other, 0, LIT);
    for (const offset of offsets) {
      for (const event of evidenceAt(offset))
        this.#mark(page, bands, event, offset, offset === 0 && event === lit ? LIT : QUIET);
    }
    if (selection) {
      const { derivation, startS, endS } = selection;
      this.#stretch(page, bands, { derivation, start_s: startS, end_s: endS }, 0, SELECTED);
    }
    this.#context.globalAlpha = 1;
  }

  /** Theme, size or view changed. */
  restyle() {
    this.#look = null;
  }

  /** Setting the size wipes the canvas; a clear canvas is left alone, for most pages have no marks. */
  #clear({ width, height }) {
    if (this.#canvas.width !== width || this.#canvas.height !== height)
      [this.#canvas.width, this.#canvas.height] = [width, height];
    else if (!this.#isClear) this.#context.clearRect(0, 0, width, height);
    this.#isClear = true;
  }

  #mark(page, bands, event, offset, strength) {
    const box = this.#stretch(page, bands, event, offset, strength);
    if (!box) return;
    const text = labelOf(event.kind);
    const room = strength === LIT ? Infinity : box.width;
    if (this.#context.measureText(text).width + 4 > room) return;
    const at = [box.x + 3 * devicePixelRatio, box.y + box.height - 6 * devicePixelRatio];
    this.#context.strokeText(text, ...at);
    this.#context.fillText(text, ...at);
  }

  #stretch(page, bands, event, offset, { ground, line }) {
    const box = boxOf(page, bands, event, offset);
    if (!box) return null;
    this.#context.globalAlpha = ground;
    this.#context.fillRect(box.x, box.y, box.width, box.height);
    this.#context.globalAlpha = line;
    this.#context.fillRect(
      box.x, box.y + box.height - LINE_PX * devicePixelRatio, box.width, LINE_PX * devicePixelRatio,
    );
    return box;
  }
}

/** Fonts and colours, kept: to ask for them makes the browser work out the styles of the whole page. */
function lookOn(canvas) {
  const isBlack = canvas.closest("[data-black]") !== null;
  const [halo, faintInk, ink] = ["--trace-ground", "--trace-label", "--accent"].map((name) => colourOn(isBlack, name));
  return { font: fontPx(11 * devicePixelRatio), halo, faintInk, ink };
}

/** Where an event lies on the page, in device pixels; null when its derivation is not shown. */
export function boxOf(page, bands, event, offset = 0) {
  const band = bands.find(({ name }) => name === event.derivation);
  if (!band) return null;
  const height = page.height / bands.length;
  const x = page.epochX + offset * page.epochPx + event.start_s * page.pxPerS;
  return { x, y: band.centrePx - height / 2, width: Math.max(1, (event.end_s - event.start_s) * page.pxPerS), height };
}
