// The power spectrum of the measured stretch, beside the traces, with the powers of its bands. Loaded when first asked
// for.

import { colourOf, element, fontPx, setText } from "../site/dom.js";
import { bandPower, BANDS_HZ, cut, density } from "./samples.js";

const TOP_HZ = 30;
const RANGE_DB = 50;
const LEAST_SAMPLES = 8;
const LEAST_POWER = 1e-12;
const SIZE_PX = { width: 320, height: 150 };
const EDGE_PX = { left: 44, bottom: 18, top: 6, right: 6 };

/**
 * Spectrum of a stretch in uV and the power of each band, as uV^2 and as a share of all bands; null where it is too
 * short. Frequencies nearer to each other than `resolutionHz` are not separated.
 */
export function spectrumOf(signal, sfreqHz) {
  if (signal.length < LEAST_SAMPLES) return null;
  const spectrum = density(signal, sfreqHz);
  const powers = Object.entries(BANDS_HZ).map(([name, hz]) => ({ name, hz, uv2: bandPower(spectrum, hz) }));
  const all = powers.reduce((sum, { uv2 }) => sum + uv2, 0);
  return {
    ...spectrum, resolutionHz: sfreqHz / signal.length,
    bands: powers.map((band) => ({ ...band, share: all > 0 ? band.uv2 / all : 0 })),
  };
}

/** Decibels of each frequency up to 30 Hz, within the top 50 dB. */
export function decibels({ stepHz, values }) {
  const upTo = values.slice(0, Math.floor(TOP_HZ / stepHz) + 1);
  const shown = Array.from(upTo, (value) => 10 * Math.log10(Math.max(value, LEAST_POWER)));
  const top = Math.ceil(Math.max(...shown) / 10) * 10;
  return { top, values: shown.map((value) => Math.max(value, top - RANGE_DB)) };
}

/** The panel; shows what `traces` draws of a selection. */
export class SpectrumPanel {
  #holder;
  #traces;
  #title = element("h2", {});
  #words = element("p", { class: "muted small" });
  #canvas = element("canvas", { role: "img", "aria-label": "Power spectrum, 0 to 30 Hz" });
  #table = element("tbody", {});
  #panel;

  constructor({ holder, traces, onClose }) {
    [this.#holder, this.#traces] = [holder, traces];
    const close = element("button", { type: "button", class: "link-button" }, "Close");
    close.addEventListener("click", onClose);
    const heads = ["Band", "µV²", "Share"].map((words) => element("th", { scope: "col" }, words));
    this.#panel = element("aside", { class: "spectrum", "aria-label": "Power spectrum" },
      element("header", {}, this.#title, close), this.#canvas, this.#words,
      element("table", { class: "table num" }, element("thead", {}, element("tr", {}, ...heads)), this.#table));
  }

  close() {
    this.#panel.remove();
  }

  /** Whether a selection lies in the right half of the page, where the panel would cover it. */
  #isRight({ startS, endS }) {
    const { epochX, pxPerS, width } = this.#traces.page;
    return epochX + ((startS + endS) / 2) * pxPerS > width / 2;
  }

  show(selection) {
    this.#holder.append(this.#panel);
    this.#panel.toggleAttribute("data-left", this.#isRight(selection));
    const { derivation, startS, endS } = selection;
    setText(this.#title, `${derivation}, ${(endS - startS).toFixed(2)} s from ${startS.toFixed(1)} s`);
    const measured = this.#traces.samplesOf(derivation);
    const made = measured && spectrumOf(cut({ ...measured, startS, endS }), measured.sfreqHz);
    setText(this.#words, made
      ? `Hann window; frequencies within ${made.resolutionHz.toPrecision(2)} Hz are not separated.`
      : "The stretch is too short, or its signal is not here.");
    this.#canvas.hidden = !made;
    this.#table.replaceChildren(...(made?.bands ?? []).map(bandRow));
    if (made) draw(this.#canvas, made);
  }
}

function bandRow({ name, hz, uv2, share }) {
  return element("tr", {},
    element("th", { scope: "row" }, `${name} ${hz[0]}-${hz[1]} Hz`),
    element("td", {}, uv2 >= 10 ? uv2.toFixed(0) : uv2.toPrecision(2)),
    element("td", {}, `${Math.round(100 * share)} %`));
}

function draw(canvas, spectrum) {
  const unit = devicePixelRatio;
  [canvas.width, canvas.height] = [SIZE_PX.width * unit, SIZE_PX.height * unit];
  const context = canvas.getContext("2d");
  context.scale(unit, unit);
  const { top, values } = decibels(spectrum);
  const { left, bottom, right } = EDGE_PX;
  const x = (hz) => left + (hz / TOP_HZ) * (SIZE_PX.width - left - right);
  const y = (db) => EDGE_PX.top + ((top - db) / RANGE_DB) * (SIZE_PX.height - bottom - EDGE_PX.top);
  axes(context, { x, y, top });
  context.strokeStyle = colourOf("--accent");
  context.lineWidth = 1.5;
  context.beginPath();
  values.forEach((db, i) => context.lineTo(x(i * spectrum.stepHz), y(db)));
  context.stroke();
}

function axes(context, { x, y, top }) {
  context.font = fontPx(11);
  context.fillStyle = colourOf("--muted");
  context.strokeStyle = colourOf("--hairline");
  const line = (...ends) => {
    context.beginPath();
    for (const end of ends) context.lineTo(...end);
    context.stroke();
  };
  context.textAlign = "center";
  const floor = top - RANGE_DB;
  for (const [low] of Object.values(BANDS_HZ)) line([x(low), y(top)], [x(low), y(floor)]);
  for (let hz = 0; hz <= TOP_HZ; hz += 10) context.fillText(`${hz} Hz`, Math.min(x(hz), x(TOP_HZ) - 12), y(floor) + 14);
  context.textAlign = "right";
  for (const db of [top, floor]) {
    line([x(0), y(db)], [x(TOP_HZ), y(db)]);
    context.fillText(`${db} dB`, x(0) - 2, y(db) + (db === top ? 9 : 0));
  }
}
