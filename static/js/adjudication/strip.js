// Under the hypnogram: one band of stage colours a side, and a mark where they differ.

import { colour } from "../workbench/palette.js";
import { HYPNOGRAM_ROWS } from "../workbench/stages.js";

const BAND_PX = 10;
const MARK_PX = 8;

export class SideStrip {
  #canvas;
  #store;

  constructor({ canvas, letters, store }) {
    this.#canvas = canvas;
    this.#store = store;
    canvas.style.height = `${store.sides.length * BAND_PX + MARK_PX}px`;
    letters.append(...store.sides.map((letter) => Object.assign(document.createElement("span"), { textContent: letter })));
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
    const inks = Object.fromEntries(HYPNOGRAM_ROWS.map((stage) => [stage, colour(`--stage-${stage.toLowerCase()}`)]));
    this.#store.stages.forEach((stages, row) => stages.forEach((stage, epoch) => {
      if (stage === null) return;
      context.fillStyle = inks[stage];
      context.fillRect(epoch * perEpoch, row * BAND_PX + 1, perEpoch + 0.5, BAND_PX - 3);
    }));
  }

  #drawMarks(context, perEpoch) {
    const [open, settled] = [colour("--danger"), colour("--hairline-strong")];
    const top = this.#store.sides.length * BAND_PX;
    for (const epoch of this.#store.disputed) {
      const isOpen = this.#store.isOpen(epoch);
      context.fillStyle = isOpen ? open : settled;
      context.fillRect(epoch * perEpoch, top, Math.max(perEpoch, 1.5), isOpen ? MARK_PX : MARK_PX / 2);
    }
  }
}
