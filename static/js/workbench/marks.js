// Draws what is marked and what is being measured, on a canvas of its own over the traces.

import { labelOf } from "./evidence.js";
import { visibleOffsets } from "./geometry.js";
import { colourOn, fontPx } from "./palette.js";

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
   * `evidenceAt(offset)` gives the marks of the epoch so far from this one; `lit` is one of them or null.
   * `faint` are waves of this epoch put forward by others, `other` one of theirs to be lit, or null.
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
    Object.assign(this.#context, { font, lineWidth: 3 * devicePixelRatio, lineJoin: "round", strokeStyle: halo, fillStyle: faintInk });
    for (const event of faint) if (event !== other) this.#stretch(page, bands, event, 0, FAINT);
    this.#context.fillStyle = ink;
    if (other) this.#mark(page, bands, other, 0, LIT);
    for (const offset of offsets) {
      for (const event of evidenceAt(offset)) this.#mark(page, bands, event, offset, offset === 0 && event === lit ? LIT : QUIET);
    }
    if (selection) this.#stretch(page, bands, { derivation: selection.derivation, start_s: selection.startS, end_s: selection.endS }, 0, SELECTED);
    this.#context.globalAlpha = 1;
  }

  /** Theme, size or view changed. */
  restyle() {
    this.#look = null;
  }

  /** Setting the size wipes the canvas; a clear one is left alone, for most pages have no marks. */
  #clear({ width, height }) {
    if (this.#canvas.width !== width || this.#canvas.height !== height) [this.#canvas.width, this.#canvas.height] = [width, height];
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
    this.#context.fillRect(box.x, box.y + box.height - LINE_PX * devicePixelRatio, box.width, LINE_PX * devicePixelRatio);
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
