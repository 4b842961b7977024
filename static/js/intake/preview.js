// A stretch of signals of a night in the queue, drawn as bands on a canvas.

import { colourOf, element, fontPx, onThemeChange } from "../site/dom.js";
import { clock } from "./words.js";

const BAND_PX = 64;
// Half of a band, in uV. What is no voltage fills its band.
const HALF_UV = { Chin: 40 };
const HALF_OTHER_UV = 75;

export const DERIVATIONS = ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin"];

/** Bands to draw: the derivations of a map, each from one channel or the difference of two. */
export function bandsOf(signals, sources) {
  const byLabel = new Map(signals.channels.map((channel) => [channel.label, channel]));
  return DERIVATIONS.map((name) => {
    const source = sources[name];
    if (source === undefined) return { name, words: "detected by label, shown when saved", values: null };
    if (!source) return { name, words: "not in this recording", values: null };
    const plus = byLabel.get(source.positive);
    const minus = source.negative ? byLabel.get(source.negative) : null;
    const words = source.negative ? `${source.positive} - ${source.negative}` : source.positive;
    if (!plus || (source.negative && !minus)) return { name, words: `${words}: no preview`, values: null };
    if (minus && minus.values.length !== plus.values.length)
      return { name, words: `${words}: different rates cannot be subtracted`, values: null };
    const values = minus ? plus.values.map((value, index) => value - minus.values[index]) : plus.values;
    return { name, words, values, unit: plus.unit, half: halfOf(name, plus.unit, values) };
  });
}

/** Bands of all channels as they are in the file. */
export function bandsOfChannels(signals) {
  return signals.channels.map(({ label, unit, values }) => ({
    name: label,
    words: unit || "no unit",
    values,
    unit,
    half: halfOf(label, unit, values),
  }));
}

function halfOf(name, unit, values) {
  if (unit === "uV") return HALF_UV[name] ?? HALF_OTHER_UV;
  const middle = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  return values.reduce((most, value) => Math.max(most, Math.abs(value - middle)), 0) || 1;
}

export class Preview {
  #root = element("div", { class: "intake-preview" });
  #canvas = element("canvas", { role: "img", "aria-label": "Signals, not loaded" });
  #words = element("span", { class: "muted num" });
  #load;
  #signals = null;
  #window = 0;
  #bands = () => [];
  #onSignals;

  /** `load(window)` gives a stretch; `onSignals(signals)` hears of each. */
  constructor({ load, onSignals = () => {} }) {
    this.#load = load;
    this.#onSignals = onSignals;
    const step = (by, words) => {
      const button = element("button", { type: "button", class: "button" }, words);
      button.addEventListener("click", () => this.#show(this.#window + by));
      return button;
    };
    this.#root.append(
      element("div", { class: "row" }, step(-1, "Previous 30 s"), step(1, "Next 30 s"), this.#words),
      this.#canvas,
    );
    new ResizeObserver(() => this.#draw()).observe(this.#root);
    onThemeChange(() => this.#draw());
  }

  get node() {
    return this.#root;
  }

  /** Draw what `bands(signals)` gives, now and for every stretch. */
  set bands(bands) {
    this.#bands = bands;
    this.#draw();
  }

  async start(startClockS) {
    this.startClockS = startClockS;
    await this.#show(0);
  }

  async #show(window) {
    const windows = this.#signals?.windows ?? 1;
    const wanted = (window + windows) % windows;
    try {
      this.#signals = await this.#load(wanted);
    } catch (error) {
      this.#words.textContent =
        error.status === 404 ? "The preview is available after the file is examined." : error.message;
      return;
    }
    this.#window = wanted;
    const { start_s: startS, windows: all } = this.#signals;
    const at = Number.isFinite(this.startClockS) ? `, ${clock(this.startClockS + startS)}` : "";
    this.#words.textContent = `Part ${wanted + 1} of ${all}: 30 s from ${Math.round(startS)} s${at}`;
    this.#onSignals(this.#signals);
    this.#draw();
  }

  #draw() {
    if (!this.#signals || !this.#root.isConnected) return;
    const bands = this.#bands(this.#signals);
    const width = this.#root.clientWidth;
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = width * ratio;
    this.#canvas.height = bands.length * BAND_PX * ratio;
    this.#canvas.style.height = `${bands.length * BAND_PX}px`;
    const context = this.#canvas.getContext("2d");
    context.scale(ratio, ratio);
    const colours = Object.fromEntries(
      ["ground", "line", "grid", "label"].map((name) => [name, colourOf(`--trace-${name}`)]),
    );
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, width, bands.length * BAND_PX);
    bands.forEach((band, index) => drawBand(context, band, index * BAND_PX, { width, colours }));
    this.#canvas.setAttribute(
      "aria-label",
      `Signals: ${bands.map(({ name, words }) => `${name} (${words})`).join(", ")}`,
    );
  }
}

function drawBand(context, band, top, { width, colours }) {
  context.strokeStyle = colours.grid;
  context.strokeRect(-1, top + 0.5, width + 2, BAND_PX);
  if (band.values) {
    const middle = band.unit === "uV" ? 0 : band.values.reduce((sum, value) => sum + value, 0) / band.values.length;
    context.save();
    context.beginPath();
    context.rect(0, top, width, BAND_PX);
    context.clip();
    context.strokeStyle = colours.line;
    context.beginPath();
    band.values.forEach((value, index) => {
      const x = (index / Math.max(band.values.length - 1, 1)) * width;
      context.lineTo(x, top + BAND_PX / 2 + ((value - middle) / band.half) * (BAND_PX / 2));
    });
    context.stroke();
    context.restore();
  }
  context.font = fontPx(12);
  const scale = band.values && band.unit === "uV" ? `, ±${band.half} µV` : "";
  const words = `${band.name}: ${band.words}${scale}`;
  // The name lies over the trace: its ground keeps it readable.
  context.fillStyle = colours.ground;
  context.fillRect(2, top + 2, context.measureText(words).width + 8, 16);
  context.fillStyle = colours.label;
  context.fillText(words, 6, top + 14);
}
