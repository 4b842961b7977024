// Under the hypnogram: a band of stage colours for each side, and a mark where they differ.

import { colourOf } from "../site/dom.js";
import { HYPNOGRAM_ROWS } from "../site/registries.js";

const BAND_PX = 10;
// Many bands are narrow; their letters then stand in two columns.
const MANY = 5;
const NARROW_PX = 6;
const MARK_PX = 8;

export class SideStrip {
  #canvas;
  #store;
  #bandPx;

  constructor({ canvas, letters, store }) {
    this.#canvas = canvas;
    this.#store = store;
    this.#bandPx = store.sides.length < MANY ? BAND_PX : NARROW_PX;
    canvas.style.height = `${store.sides.length * this.#bandPx + MARK_PX}px`;
    letters.toggleAttribute("data-many", store.sides.length >= MANY);
    letters.append(
      ...store.sides.map((letter) => Object.assign(document.createElement("span"), { textContent: letter })),
    );
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  redraw() {
    const { clientWidth, clientHeight } = this.#canvas;
    const unit = devicePixelRatio;
    Object.assign(this.#canvas, { width: Math.round(clientWidth * unit), height: Math.round(clientHeight * unit) });
    const context = this.#canvas.getContext("2d");
    context.scale(unit, unit);
    const perEpoch = clientWidth / this.#store.epochCount;
    this.#drawBands(context, perEpoch);
    this.#drawMarks(context, perEpoch);
  }

  #drawBands(context, perEpoch) {
    const inks = Object.fromEntries(HYPNOGRAM_ROWS.map((stage) => [stage, colourOf(`--stage-${stage.toLowerCase()}`)]));
    this.#store.stages.forEach((stages, row) => stages.forEach((stage, epoch) => {
      if (stage === null) return;
      context.fillStyle = inks[stage];
      context.fillRect(epoch * perEpoch, row * this.#bandPx + 1, perEpoch + 0.5, this.#bandPx - 2);
    }));
  }

  #drawMarks(context, perEpoch) {
    const [open, settled] = [colourOf("--danger"), colourOf("--hairline-strong")];
    const top = this.#store.sides.length * this.#bandPx;
    for (const epoch of this.#store.disputed) {
      const isOpen = this.#store.isOpen(epoch);
      context.fillStyle = isOpen ? open : settled;
      context.fillRect(epoch * perEpoch, top, Math.max(perEpoch, 1.5), isOpen ? MARK_PX : MARK_PX / 2);
    }
  }
}
