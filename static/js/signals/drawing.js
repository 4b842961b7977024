// What the traces are drawn with: pixel columns of epochs from a worker, and what lies under and over them.

import { colourOf, colourOn, fontPx } from "../site/dom.js";
import { onBlack } from "./channels.js";
import { EPOCH_S, isNight, scaleBarUv } from "./scale.js";

// What lies under and over the traces and stays put when the page turns: grid, lines, labels, scales.

const N3_CRITERION_UV = 37.5;
const MODEL_GRID = "#404040";
const BLACK_GRID = ["#1d2226", "#2d343a"];
const SECONDS_EVERY = [1, 5, 10];
const SECONDS_LABEL_PX = 40;
const PLACE_PX = 3;
const CLOCK_LABEL_PX = 76;
const CLOCK_EVERY_EPOCHS = [1, 2, 4, 10];

function upright(context, x, from, to) {
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, from);
  context.lineTo(Math.round(x) + 0.5, to);
  context.stroke();
}

function level(context, y, from, to) {
  context.beginPath();
  context.moveTo(from, Math.round(y) + 0.5);
  context.lineTo(to, Math.round(y) + 0.5);
  context.stroke();
}

function eachSecond(page, draw) {
  const first = Math.ceil(-page.epochX / page.pxPerS);
  const last = Math.floor((page.width - page.epochX) / page.pxPerS);
  for (let second = first; second <= last; second++) draw(second, page.epochX + second * page.pxPerS);
}

function gridInks(black) {
  return black ? BLACK_GRID : [colourOf("--trace-grid"), colourOf("--trace-grid-strong")];
}

/** Lines each second and stronger ones every 5 s; where they would crowd, each 5 s and every epoch. */
function grid(context, page, black, unit) {
  const [everyS, strongS] = page.pxPerS > 8 * unit ? [1, 5] : [5, EPOCH_S];
  const [quiet, strong] = gridInks(black);
  eachSecond(page, (second, x) => {
    if (second % everyS) return;
    context.strokeStyle = second % strongS ? quiet : strong;
    upright(context, x, 0, page.height);
  });
}

function hourGrid(context, page, hours, black) {
  [, context.strokeStyle] = gridInks(black);
  for (const { epoch } of hours) upright(context, page.epochX + epoch * page.epochPx, 0, page.height);
}

function modelGrid(context, page, bands) {
  context.strokeStyle = MODEL_GRID;
  eachSecond(page, (second, x) => {
    context.globalAlpha = second % 5 ? 0.6 : 0.8;
    upright(context, x, 0, page.height);
  });
  context.globalAlpha = 0.8;
  bands.slice(1).forEach((_, index) => level(context, ((index + 1) * page.height) / bands.length, 0, page.width));
  context.globalAlpha = 1;
}

function middleLine(context, page, unit, black) {
  context.strokeStyle = colourOn(black, "--trace-middle");
  context.setLineDash([4 * unit, 4 * unit]);
  upright(context, page.epochX + page.epochPx / 2, 0, page.height);
  context.setLineDash([]);
}

function criterionLines(context, page, band, unit, black) {
  const distance = N3_CRITERION_UV * Math.abs(band.pxPerUv);
  context.strokeStyle = colourOn(black, "--trace-reference");
  context.setLineDash([2 * unit, 3 * unit]);
  for (const y of [band.centrePx - distance, band.centrePx + distance]) level(context, y, page.lit.from, page.lit.to);
  context.setLineDash([]);
}

/** A word of the pen {context, unit, ink, halo}: its letters in ink on a halo of the ground. */
function word({ context, ink, halo }, text, x, y) {
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

/** Of the epoch under scoring, beside a time of day of `besidePx` at its start. */
function seconds(pen, page, besidePx) {
  const { context, unit } = pen;
  const everyS = SECONDS_EVERY.find((s) => page.pxPerS * s > SECONDS_LABEL_PX * unit);
  if (page.epochPx < 200 * unit) return;
  context.textAlign = "center";
  for (let second = everyS; second < EPOCH_S; second += everyS) {
    const x = page.epochX + second * page.pxPerS;
    if (x > page.lit.from + besidePx && x < page.lit.to) word(pen, `${second} s`, x, page.height - 5 * unit);
  }
}

/** Times of the night at the starts of epochs. */
function clockTimes(pen, page, timeAt) {
  const { context, unit } = pen;
  const every = CLOCK_EVERY_EPOCHS.find((epochs) => epochs * page.epochPx > CLOCK_LABEL_PX * unit) ?? 20;
  const first = Math.ceil((page.sidePx - page.epochX) / page.epochPx);
  context.textAlign = "center";
  for (let offset = first; page.epochX + offset * page.epochPx < page.rightX; offset++) {
    const { label, epoch } = timeAt(offset);
    const x = page.epochX + offset * page.epochPx;
    if (epoch % every === 0) word(pen, label, Math.max(x, page.sidePx + 30 * unit), page.height - 5 * unit);
  }
}

/** On a page that holds a part of the epoch: the time of day, and where this part lies, as on a scroll bar. */
function place(pen, page, timeAt, black) {
  const { context, unit } = pen;
  const offset = (page.lit.from - page.epochX) / page.epochPx;
  context.textAlign = "center";
  if (timeAt) word(pen, timeAt(offset).label, page.lit.from + 30 * unit, page.height - 5 * unit);
  const pxPerS = page.mainPx / EPOCH_S;
  const [from, to] = [page.lit.from, page.lit.to].map((x) => ((x - page.epochX) / page.pxPerS) * pxPerS);
  context.fillStyle = colourOf("--hairline-strong");
  context.fillRect(page.sidePx, page.height - unit, page.mainPx, unit);
  context.fillStyle = colourOn(black, "--accent");
  context.fillRect(page.sidePx + from, page.height - PLACE_PX * unit, to - from, PLACE_PX * unit);
}

function hourNames(pen, page, hours) {
  const { context, unit } = pen;
  context.textAlign = "center";
  for (const { epoch, label } of hours) {
    const x = Math.min(page.width - 20 * unit, Math.max(20 * unit, page.epochX + epoch * page.epochPx));
    word(pen, label, x, page.height - 5 * unit);
  }
}

function scaleBar(pen, page, band) {
  const { context, unit, ink } = pen;
  const pxPerUv = Math.abs(band.pxPerUv);
  const uv = scaleBarUv(pxPerUv, 60 * unit);
  const x = page.rightX - 10 * unit;
  context.strokeStyle = ink;
  context.lineWidth = 1.5 * unit;
  upright(context, x, band.centrePx - (uv * pxPerUv) / 2, band.centrePx + (uv * pxPerUv) / 2);
  context.textAlign = "right";
  context.lineWidth = 3 * unit;
  word(pen, `${uv} µV`, x - 6 * unit, band.centrePx + (uv * pxPerUv) / 2);
}

function criterionName(pen, page, band, black) {
  const { context, unit } = pen;
  const y = band.centrePx + N3_CRITERION_UV * Math.abs(band.pxPerUv) + 13 * unit;
  context.textAlign = "right";
  word({ ...pen, ink: colourOn(black, "--trace-reference") }, "±37.5 µV", page.lit.to - 8 * unit, y);
}

/** Under the traces; `hours` are those of the night, for the page that holds all of it. */
export function drawUnder(context, { page, bands, settings, unit, hours }) {
  const black = onBlack(settings);
  context.fillStyle = colourOn(black, "--trace-ground");
  context.fillRect(0, 0, page.width, page.height);
  const isWhole = isNight(settings.pageS);
  context.lineWidth = unit;
  if (isWhole) hourGrid(context, page, hours, black);
  if (settings.model) return;
  if (!isWhole) grid(context, page, black, unit);
  const f4 = bands.find((band) => band.name === "F4-M1");
  if (f4) criterionLines(context, page, f4, unit, black);
  if (!isWhole) middleLine(context, page, unit, black);
}

/**
 * Over the traces: the sides' edges, names and scales; the model's grid, which its images have on top.
 * `timeAt(offset)` names the start of an epoch, counted from the epoch under scoring; null where no clock is known.
 */
export function drawOver(context, { page, bands, settings, unit, hours, timeAt }) {
  const black = onBlack(settings);
  const [halo, ink] = ["--trace-ground", "--trace-label"].map((property) => colourOn(black, property));
  const isWhole = isNight(settings.pageS);
  context.clearRect(0, 0, page.width, page.height);
  context.lineWidth = unit;
  if (settings.model && !isWhole) modelGrid(context, page, bands);
  context.strokeStyle = colourOf("--hairline-strong");
  if (!isWhole) for (const x of [page.epochX, page.epochX + page.epochPx]) upright(context, x, 0, page.height);
  context.font = fontPx(12 * unit);
  context.lineJoin = "round";
  context.lineWidth = 3 * unit;
  const pen = { context, unit, ink, halo };
  if (isWhole) hourNames(pen, page, hours);
  else seconds(pen, page, timeAt && settings.pageS <= EPOCH_S ? CLOCK_LABEL_PX * unit : 0);
  if (settings.pageS < EPOCH_S) place(pen, page, timeAt, black);
  else if (!isWhole && timeAt) clockTimes(pen, page, timeAt);
  names(pen, page, bands, isWhole);
  const measured = bands.filter((band) => !band.isExtra);
  if (measured.length && !settings.model) scaleBar(pen, page, measured[Math.min(1, measured.length - 1)]);
  const f4 = bands.find((band) => band.name === "F4-M1");
  if (f4 && !settings.model) criterionName(pen, page, f4, black);
}

function names(pen, page, bands, isWhole) {
  const { context, unit } = pen;
  const bandPx = page.height / bands.length;
  context.textAlign = "left";
  const x = isWhole ? 4 * unit : page.sidePx + 8 * unit;
  for (const band of bands) word(pen, band.label ?? band.name, x, band.centrePx - bandPx / 2 + 15 * unit);
}

// The pixel columns of epochs: a page turn only sets their pixels.
// A worker finds them, so that no key ever waits for the columns of an epoch that is not yet needed.

const BUDGET_BYTES = 12e6;
const FEWEST = 4;
const BYTES_A_COLUMN = 8;

/** "drawn" events carry {epoch} when its columns are there. */
export class EpochColumns extends EventTarget {
  #made = new Map();
  #signals;
  #size = null;
  #edition = 0;
  #worker = new Worker(new URL("./painter.js", import.meta.url), { type: "module" });
  #raw = null;
  #busy = false;
  #wanted = [];

  constructor(signals) {
    super();
    this.#signals = signals;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
  }

  /** Forget all: the size, the gain or the channels changed. `size` is {width, line, bands} in device pixels;
   *  `raw` the raw view where a band needs it, else null. */
  reset(size, raw) {
    this.#raw = raw;
    this.#edition += 1;
    this.#size = size;
    this.#made.clear();
  }

  /** Nothing is made any more. */
  close() {
    this.#worker.terminate();
    this.#wanted = [];
    this.#made.clear();
  }

  has(epoch) {
    return this.#made.has(epoch);
  }

  /** The columns of each band, see traceColumns(); null while they are not here. */
  get(epoch) {
    return this.#made.get(epoch) ?? null;
  }

  /** Have the columns of these epochs made, in this order, as far as memory allows; others make room for them. */
  want(epochs) {
    const { width, bands } = this.#size;
    const capacity = Math.max(FEWEST, Math.floor(BUDGET_BYTES / (BYTES_A_COLUMN * width * bands.length)));
    this.#wanted = epochs.slice(0, capacity);
    this.#dropOthers(capacity);
    this.#ask();
  }

  #dropOthers(capacity) {
    for (const epoch of this.#made.keys()) {
      if (this.#made.size <= capacity) return;
      if (!this.#wanted.includes(epoch)) this.#made.delete(epoch);
    }
  }

  #ask() {
    if (this.#busy) return;
    const epoch = this.#wanted.find((wanted) => !this.#made.has(wanted) && this.#loaded(wanted));
    if (epoch === undefined) return;
    this.#busy = true;
    const { width, line, bands } = this.#size;
    const traces = bands.map((band) => this.#trace(epoch, band));
    this.#worker.postMessage({ edition: this.#edition, epoch, width, line, traces });
  }

  #loaded(epoch) {
    return this.#signals.loaded(epoch) && (this.#raw?.loaded(epoch) ?? true);
  }

  #trace(epoch, band) {
    if (band.isExtra) return this.#extraTrace(epoch, band);
    return band.raw
      ? this.#rawTrace(this.#raw.derivation(epoch, band.name, band.raw), band, band.pxPerUv)
      : this.#storedTrace(epoch, band);
  }

  /** Made and filtered in the worker. */
  #rawTrace(raw, { centrePx }, pxPerCount) {
    return { raw, pxPerCount, centrePx, spanPx: (this.#size.width * (raw.count - 1)) / (raw.sfreqHz * EPOCH_S) };
  }

  #extraTrace(epoch, band) {
    const { raw, middle, pxPerUnit } = this.#raw.extra(epoch, band.channel, band.heightPx, band.raw);
    const pxPerCount = -pxPerUnit * band.gain;
    return this.#rawTrace(raw, { ...band, centrePx: band.centrePx - middle * pxPerCount }, pxPerCount);
  }

  #storedTrace(epoch, { channel, centrePx, pxPerUv }) {
    const { scale_uv: scaleUv, samples_per_epoch: count, sfreq_hz: sfreqHz } = this.#signals.channel(channel);
    return {
      samples: this.#signals.samples(epoch, channel).slice(),
      spanPx: (this.#size.width * (count - 1)) / (sfreqHz * EPOCH_S),
      pxPerCount: scaleUv * pxPerUv,
      centrePx,
    };
  }

  #receive({ edition, epoch, columns }) {
    this.#busy = false;
    if (edition === this.#edition) {
      this.#made.set(epoch, columns);
      this.dispatchEvent(new CustomEvent("drawn", { detail: { epoch } }));
    }
    this.#ask();
  }
}
