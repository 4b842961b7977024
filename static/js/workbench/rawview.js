// The channels of the file as recorded, at their native rate: for switching filters off and for other channels.

import { SignalStore } from "./signals.js";

const BLOCK_EPOCHS = 4;
const KEPT_BLOCKS = 16;
const FILLED = 0.6;

/** "epoch" events as those of the signal store. */
export class RawView extends EventTarget {
  #signals;
  #epochCount;
  #sources;
  #names;
  #fits = new Map();

  /** `layout` is the raw one: its `derivations` say which channels make which derivation, and the filters. */
  constructor({ layout, fetchEpochs }) {
    super();
    this.#signals = new SignalStore({ layout, fetchEpochs, blockEpochs: BLOCK_EPOCHS, keptBlocks: KEPT_BLOCKS });
    this.#epochCount = layout.epoch_count;
    this.#sources = new Map(layout.derivations.map((source) => [source.name, source]));
    this.#names = layout.channels.map(({ name }) => name);
    this.#signals.addEventListener("epoch", ({ detail }) => this.dispatchEvent(new CustomEvent("epoch", { detail })));
  }

  /** Channels that no derivation is made of: ECG, airflow, legs, SpO2 and whatever else there is. */
  get extras() {
    const used = new Set([...this.#sources.values()].flatMap(({ positive, negative }) => [positive, negative]));
    return this.#names.filter((name) => !used.has(name));
  }

  get signals() {
    return this.#signals;
  }

  has(name) {
    return this.#sources.has(name) || this.#names.includes(name);
  }

  unit(name) {
    return this.#signals.channel(name).unit;
  }

  want(epoch) {
    this.#signals.want(epoch);
  }

  /** Whether the epoch and its neighbours, on which filters run in and out, are here. */
  loaded(epoch) {
    return this.#around(epoch).every((near) => this.#signals.loaded(near));
  }

  /** What the painter needs to make one derivation: counts, scales and the filters that are on. */
  derivation(epoch, name, { filters, notch }) {
    const { positive, negative, band, mains } = this.#sources.get(name);
    const sections = [...(filters ? band : []), ...(notch ? mains : [])];
    return this.#counts(epoch, positive, negative, sections);
  }

  /** The same of another channel, with its middle and how many pixels of `bandPx` a unit fills, fitted once a night. */
  extra(epoch, name, bandPx) {
    const raw = this.#counts(epoch, name, null, []);
    if (!this.#fits.has(name)) this.#fits.set(name, fitted(raw));
    const { middle, spread } = this.#fits.get(name);
    return { raw, middle, pxPerUnit: (FILLED * bandPx) / spread };
  }

  #counts(epoch, positive, negative, sections) {
    const channel = this.#signals.channel(positive);
    const epochs = sections.length ? this.#around(epoch) : [epoch];
    const count = channel.samples_per_epoch;
    return {
      positive: this.#joined(epochs, positive),
      negative: negative && this.#joined(epochs, negative),
      positiveUv: channel.scale_uv,
      negativeUv: negative ? this.#signals.channel(negative).scale_uv : 0,
      sfreqHz: channel.sfreq_hz,
      sections,
      from: epochs.indexOf(epoch) * count,
      count,
    };
  }

  #around(epoch) {
    return [epoch - 1, epoch, epoch + 1].filter((near) => near >= 0 && near < this.#epochCount);
  }

  #joined(epochs, name) {
    const pieces = epochs.map((epoch) => this.#signals.samples(epoch, name));
    const joined = new Int16Array(pieces.length * pieces[0].length);
    pieces.forEach((piece, index) => joined.set(piece, index * piece.length));
    return joined;
  }
}

/** The middle and the spread of a channel without its rarest values, in its unit. */
function fitted({ positive, positiveUv }) {
  const sorted = Int16Array.from(positive).sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))] * positiveUv;
  const middle = at(0.5);
  return { middle, spread: Math.max(at(0.99) - at(0.01), Math.abs(middle) * 0.04, Math.abs(positiveUv) * 4) };
}
