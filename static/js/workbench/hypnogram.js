// The night in one strip: own scoring, step by step, with a cursor; click or drag to go.

import { colour, fontPx } from "./palette.js";
import { HYPNOGRAM_ROWS, stageName } from "./stages.js";

const AXIS_PX = 14;
const OTHER_BELOW_PX = 3;
const OTHER_PX = 1;
const STAGE_COLOURS = { W: "--stage-w", N1: "--stage-n1", N2: "--stage-n2", N3: "--stage-n3", R: "--stage-r" };

export class Hypnogram {
  #canvas;
  #cursor;
  #store;
  #clock;
  #other;
  #colours = {};

  /**
   * `strip` holds the canvas, whatever shares its time axis, and the cursor over them; `other.stage(epoch)`
   * is what somebody else says, where it may be seen, drawn faintly under the own line.
   */
  constructor({ strip, store, clock, onGo, other = null }) {
    this.#canvas = strip.querySelector("canvas");
    this.#cursor = strip.querySelector("[data-cursor]");
    this.#store = store;
    this.#clock = clock;
    this.#other = other;
    new ResizeObserver(() => this.redraw()).observe(this.#canvas);
    this.#canvas.setAttribute("aria-valuemax", store.epochCount);
    this.#followPointer(strip, onGo);
    this.recolour();
  }

  #followPointer(element, onGo) {
    const go = (event) => {
      const box = this.#canvas.getBoundingClientRect();
      onGo(Math.floor(((event.clientX - box.left) / box.width) * this.#store.epochCount));
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      go(event);
    });
    element.addEventListener("pointermove", (event) => event.buttons === 1 && go(event));
  }

  /** Only the cursor moves when the page turns. */
  moveCursor(epoch) {
    const share = (epoch + 0.5) / this.#store.epochCount;
    this.#cursor.style.transform = `translateX(${share * this.#width}px)`;
    this.#canvas.setAttribute("aria-valuenow", epoch + 1);
    this.#canvas.setAttribute("aria-valuetext", `epoch ${epoch + 1}, ${stageName(this.#store.stage(epoch))}`);
  }

  get #width() {
    return this.#canvas.width / devicePixelRatio;
  }

  recolour() {
    for (const [stage, property] of Object.entries(STAGE_COLOURS)) this.#colours[stage] = colour(property);
    for (const name of ["--hairline", "--hairline-strong", "--muted", "--stage-none"]) this.#colours[name] = colour(name);
    this.redraw();
  }

  redraw() {
    const unit = devicePixelRatio;
    const width = Math.round(this.#canvas.clientWidth * unit);
    const height = Math.round(this.#canvas.clientHeight * unit);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext("2d");
    context.setTransform(unit, 0, 0, unit, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#drawAxis(context);
    if (this.#other) this.#drawOther(context);
    this.#drawSteps(context);
    this.moveCursor(this.#store.current);
  }

  #rowY(stage) {
    const rows = HYPNOGRAM_ROWS.length + 1;
    const room = this.#canvas.clientHeight - AXIS_PX - 6;
    const row = stage === null ? rows - 1 : HYPNOGRAM_ROWS.indexOf(stage);
    return 5 + (row * room) / (rows - 1);
  }

  #drawAxis(context) {
    const marks = this.#clock.marks(this.#store.epochCount, this.#width);
    context.font = fontPx(11);
    context.textAlign = "center";
    context.fillStyle = this.#colours["--muted"];
    for (const { epoch, label } of marks) {
      const x = Math.round((epoch / this.#store.epochCount) * this.#width);
      context.fillText(label, Math.min(this.#width - 16, Math.max(16, x)), this.#canvas.clientHeight - 1);
      context.fillStyle = this.#colours["--hairline"];
      context.fillRect(x, 0, 1, this.#canvas.clientHeight - AXIS_PX);
      context.fillStyle = this.#colours["--muted"];
    }
  }

  #drawSteps(context) {
    const perEpoch = this.#width / this.#store.epochCount;
    let from = 0;
    let before = null;
    while (from < this.#store.epochCount) {
      const stage = this.#store.stage(from);
      let to = from + 1;
      while (to < this.#store.epochCount && this.#store.stage(to) === stage) to++;
      if (before !== null && stage !== null) this.#drawRiser(context, from * perEpoch, before, stage);
      this.#drawRun(context, from * perEpoch, (to - from) * perEpoch, stage);
      [before, from] = [stage, to];
    }
  }

  #drawOther(context) {
    const perEpoch = this.#width / this.#store.epochCount;
    context.fillStyle = this.#colours["--muted"];
    for (let epoch = 0; epoch < this.#store.epochCount; epoch++) {
      const stage = this.#other.stage(epoch);
      if (stage !== null) context.fillRect(epoch * perEpoch, this.#rowY(stage) + OTHER_BELOW_PX, perEpoch, OTHER_PX);
    }
  }

  #drawRiser(context, x, before, after) {
    const [top, bottom] = [this.#rowY(before), this.#rowY(after)].sort((a, b) => a - b);
    context.fillStyle = this.#colours["--hairline-strong"];
    context.fillRect(x - 0.5, top, 1, bottom - top);
  }

  #drawRun(context, x, width, stage) {
    const y = this.#rowY(stage);
    if (stage === null) return this.#drawHatch(context, x, width, y);
    const thickness = stage === "R" ? 5 : 3;
    context.fillStyle = this.#colours[stage];
    context.fillRect(x, y - thickness / 2, Math.max(width, 1), thickness);
  }

  #drawHatch(context, x, width, y) {
    context.fillStyle = this.#colours["--stage-none"];
    for (let at = Math.ceil(x / 5) * 5; at < x + width; at += 5) context.fillRect(at, y - 1, 2, 2);
  }
}
