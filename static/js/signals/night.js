// The whole night: its hypnogram, and its signals in their extremes.

import { colourOf, fontPx } from "../site/dom.js";
import { HYPNOGRAM_ROWS } from "../site/registries.js";

export function stageName(stage) {
  return stage ?? "not scored";
}

// The night in a strip: own scoring, step by step, with a cursor; click or drag to go.

const AXIS_PX = 14;
const OTHER_BELOW_PX = 3;
const OTHER_PX = 1;

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
    for (const stage of HYPNOGRAM_ROWS) this.#colours[stage] = colourOf(`--stage-${stage.toLowerCase()}`);
    for (const name of ["--hairline", "--hairline-strong", "--muted", "--stage-none"])
      this.#colours[name] = colourOf(name);
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

// The whole night in its extremes: for each channel the smallest and largest value of short stretches.

const RETRY_MS = 3_000;
const FILLED = 0.6;

/** "ready" events when more can be drawn, "failed" events carry {error}; it is tried again. */
export class NightEnvelope extends EventTarget {
  #fetch;
  #views = new Map();

  /** `fetch(view)` resolves with the bytes of a store, "scored" or "raw". */
  constructor({ fetch }) {
    super();
    this.#fetch = fetch;
  }

  /** Counts of a channel as {lows, highs}, an entry for each stretch; null while they are not here. */
  channel(view, names, name) {
    const counts = this.#views.get(view);
    if (counts === undefined) this.#load(view);
    return counts ? extremes(counts, names.length, names.indexOf(name)) : null;
  }

  async #load(view) {
    this.#views.set(view, null);
    try {
      this.#views.set(view, new Int16Array(await this.#fetch(view)));
      this.dispatchEvent(new CustomEvent("ready"));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: { error } }));
      setTimeout(() => this.#load(view), RETRY_MS);
    }
  }
}

function extremes(counts, channelCount, channel) {
  const size = counts.length / channelCount;
  const own = counts.subarray(channel * size, (channel + 1) * size);
  return { lows: own.filter((_, i) => i % 2 === 0), highs: own.filter((_, i) => i % 2 === 1) };
}

/**
 * What each pixel column covers; neighbours touch, so that a slow signal is a continuous line.
 *
 * @param {{lows: Int16Array, highs: Int16Array}} stretches
 * @param {number} width columns
 */
export function columns({ lows, highs }, width) {
  const made = { lows: new Int16Array(width), highs: new Int16Array(width) };
  for (let column = 0; column < width; column++) {
    const from = Math.floor((column * lows.length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * lows.length) / width));
    let [low, high] = [lows[from], highs[from]];
    for (let i = from + 1; i < to; i++) [low, high] = [Math.min(low, lows[i]), Math.max(high, highs[i])];
    if (column > 0) [low, high] = [Math.min(low, made.highs[column - 1]), Math.max(high, made.lows[column - 1])];
    [made.lows[column], made.highs[column]] = [low, high];
  }
  return made;
}

/** Middle and pixels a count that fit a channel without its rarest values into its band. */
export function fitted({ lows, highs }, bandPx) {
  const [low, high] = [quantile(lows, 0.01), quantile(highs, 0.99)];
  return { middle: (low + high) / 2, pxPerCount: (FILLED * bandPx) / Math.max(high - low, 4) };
}

function quantile(values, share) {
  return values.slice().sort()[Math.round(share * (values.length - 1))];
}

// The page that holds the whole night: drawn once; turning only moves the mark of the epoch under scoring.

const LEAST_MARK_PX = 3;

/** Draw all bands; false while some of them are not here yet. */
export function drawNight(context, { bands, signals, envelope, page }) {
  const drawn = bands.map((band) => ({ band, stretches: stretchesOf(band, signals, envelope) }));
  context.globalAlpha = 1;
  context.clearRect(0, 0, page.width, page.height);
  for (const { band, stretches } of drawn) {
    if (stretches)
      drawBand(context, page.sidePx, band, columns(stretches, page.mainPx), scaleOf(band, signals, stretches));
  }
  return drawn.every(({ stretches }) => stretches);
}

function stretchesOf(band, signals, envelope) {
  const [view, store] = band.isExtra ? ["raw", band.signals] : ["scored", signals];
  return envelope.channel(view, store.channelNames, band.channel);
}

/** Pixels a count, negative draws upwards, and the count that lies in the middle of the band. */
function scaleOf(band, signals, stretches) {
  if (!band.isExtra) return { middle: 0, pxPerCount: band.pxPerUv * signals.channel(band.channel).scale_uv };
  const { middle, pxPerCount } = fitted(stretches, band.heightPx);
  const upwards = -Math.sign(band.signals.channel(band.channel).scale_uv);
  return { middle, pxPerCount: upwards * pxPerCount * band.gain };
}

function drawBand(context, left, { colour, centrePx }, { lows, highs }, { middle, pxPerCount }) {
  context.fillStyle = colour;
  for (let x = 0; x < lows.length; x++) {
    const [from, to] = [(lows[x] - middle) * pxPerCount, (highs[x] - middle) * pxPerCount];
    context.fillRect(left + x, centrePx + Math.min(from, to), 1, Math.max(1, Math.abs(to - from)));
  }
}

/** The epoch under scoring, marked over all traces; wide enough to be seen in any night. */
export function placeMark(mark, { epoch, page: { epochX, epochPx }, unit }) {
  const widthPx = Math.max(LEAST_MARK_PX, epochPx / unit);
  mark.style.width = `${widthPx}px`;
  mark.style.transform = `translateX(${(epochX + (epoch + 0.5) * epochPx) / unit - widthPx / 2}px)`;
}

/** Click or drag on the page goes there, while `isOn()`; `pageOf()` says where time lies. */
export function followPointer(area, { isOn, pageOf, onGo }) {
  const go = (event) => {
    const { epochX, epochPx } = pageOf();
    onGo(Math.floor(((event.clientX - area.getBoundingClientRect().left) * devicePixelRatio - epochX) / epochPx));
  };
  area.addEventListener("pointerdown", (event) => {
    if (!isOn() || event.button !== 0 || event.target.closest("button, a, aside")) return;
    area.setPointerCapture(event.pointerId);
    go(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (isOn() && event.buttons === 1 && area.hasPointerCapture(event.pointerId)) go(event);
  });
}
