// Records of samples from the server, filtered and as recorded.

import { bytes, json } from "../site/server.js";
import { DERIVATIONS, sectionsOf } from "./channels.js";
import { rawEpochUv } from "./samples.js";

// A recording on the server: its facts, and its records of samples.

export function recordingApi({ root, recordingId }) {
  const recording = `${root}/recordings/${recordingId}`;
  // Signals that were corrected have other channels, so all records must be of the version of the layout.
  let version = null;
  const address = (path, query = {}) => {
    const all = new URLSearchParams({ ...query, ...(version !== null && { version }) });
    return `${recording}/${path}/${all.size ? `?${all}` : ""}`;
  };
  return {
    recording: () => json(`${recording}/`),
    layout: async () => {
      const layout = await json(address("layout"));
      version = layout.version;
      return layout;
    },
    rawLayout: () => json(address("layout", { view: "raw" })),
    envelope: (view) => bytes(address("envelope", view === "raw" ? { view } : {})),
    epochs: (first, count) => bytes(address(`epochs/${first}`, { count })),
    rawEpochs: (first, count) => bytes(address(`epochs/${first}`, { count, view: "raw" })),
  };
}

// Epoch records from the server: fetched in whole blocks around where we are, kept while near.

const BLOCK_EPOCHS = 8;
const KEPT_BLOCKS = 24;
const NEAR_BLOCKS = [0, 1, -1, 2, -2];
const RETRY_MS = 3_000;

/** "epoch" events carry {first, count, isKept} when a block has arrived, from the server or from this browser. */
export class SignalStore extends EventTarget {
  /** What this browser keeps of the night: has(first) and read(first); null where nothing is kept. */
  kept = null;
  #layout;
  #fetchEpochs;
  #blocks = new Map();
  #loading = new Map();
  #waiting = new Set();
  #here = 0;
  #channels;
  #blockEpochs;
  #keptBlocks;

  constructor({ layout, fetchEpochs, blockEpochs = BLOCK_EPOCHS, keptBlocks = KEPT_BLOCKS }) {
    super();
    this.#blockEpochs = blockEpochs;
    this.#keptBlocks = keptBlocks;
    this.#layout = layout;
    this.#fetchEpochs = fetchEpochs;
    this.#channels = new Map(layout.channels.map((channel) => [channel.name, channel]));
  }

  /** Which version of the recording's signals these are; null where it is always the same. */
  get version() {
    return this.#layout.version ?? null;
  }

  /** The derivations at hand, top to bottom. */
  get derivations() { return DERIVATIONS.filter((name) => this.has(name)); }

  /** Labels of the channels that stand for a derivation without being it, by its name. */
  get standIns() {
    return this.#layout.stand_ins ?? {};
  }

  /** Whether there are channels as recorded beside the filtered signals. */
  get hasRaw() {
    return this.#layout.has_raw;
  }

  /** All channels in the order in which the store keeps them. */
  get channelNames() {
    return [...this.#channels.keys()];
  }

  has(name) {
    return this.#channels.has(name);
  }

  channel(name) {
    return this.#channels.get(name);
  }

  loaded(epoch) {
    return this.#blocks.has(Math.floor(epoch / this.#blockEpochs));
  }

  /** The first epoch from `epoch` on whose signal is neither here nor kept in this browser; null without such. */
  endFrom(epoch) {
    const { epoch_count: count } = this.#layout;
    for (let block = Math.floor(epoch / this.#blockEpochs); block * this.#blockEpochs < count; block++) {
      const first = block * this.#blockEpochs;
      if (!this.#blocks.has(block) && !this.kept?.has(first)) return Math.max(epoch, first);
    }
    return null;
  }

  /** Where each block begins and how many epochs it has, and the bytes of all. */
  get blocks() {
    const { epoch_count: count, record_size: size } = this.#layout;
    const ranges = Array.from({ length: Math.ceil(count / this.#blockEpochs) }, (_, block) => {
      const first = block * this.#blockEpochs;
      return { first, count: Math.min(this.#blockEpochs, count - first) };
    });
    return { ranges, bytes: count * size };
  }

  /** Counts of a channel in an epoch, int16, without a copy; null while it is not here. */
  samples(epoch, name) {
    const block = Math.floor(epoch / this.#blockEpochs);
    const buffer = this.#blocks.get(block);
    const { offset_bytes: offset, samples_per_epoch: count } = this.#channels.get(name);
    const start = (epoch - block * this.#blockEpochs) * this.#layout.record_size + offset;
    return buffer ? new Int16Array(buffer, start, count) : null;
  }

  /**
   * Load what lies around `epoch`: its own block, then the next, the block before, and those beyond. Resolves when
   * each of them is here or was in vain.
   */
  async want(epoch) {
    const last = Math.floor((this.#layout.epoch_count - 1) / this.#blockEpochs);
    const here = (this.#here = Math.floor(epoch / this.#blockEpochs));
    await this.#load(here);
    const near = NEAR_BLOCKS.slice(1).map((step) => here + step).filter((block) => block >= 0 && block <= last);
    await Promise.all(near.map((block) => this.#load(block)));
  }

  #load(block) {
    if (this.#loading.has(block)) return this.#loading.get(block);
    if (this.#waiting.has(block)) return undefined;
    if (this.#blocks.has(block)) return this.#touch(block);
    this.#loading.set(block, this.#fetch(block));
    return this.#loading.get(block);
  }

  async #fetch(block) {
    const first = block * this.#blockEpochs;
    const count = Math.min(this.#blockEpochs, this.#layout.epoch_count - first);
    try {
      const kept = await this.kept?.read(first);
      this.#keep(block, kept ?? (await this.#fetchEpochs(first, count)));
      this.dispatchEvent(new CustomEvent("epoch", { detail: { first, count, isKept: Boolean(kept) } }));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: { first, error } }));
      this.#fetchAgain(block);
    } finally {
      this.#loading.delete(block);
    }
  }

  /** A block that did not come is fetched again, unless it has been left behind by then. */
  #fetchAgain(block) {
    this.#waiting.add(block);
    setTimeout(() => {
      this.#waiting.delete(block);
      if (NEAR_BLOCKS.includes(block - this.#here)) this.#load(block);
    }, RETRY_MS);
  }

  #touch(block) {
    const buffer = this.#blocks.get(block);
    this.#blocks.delete(block);
    this.#blocks.set(block, buffer);
  }

  #keep(block, buffer) {
    this.#blocks.set(block, buffer);
    if (this.#blocks.size > this.#keptBlocks) this.#blocks.delete(this.#blocks.keys().next().value);
  }
}

// The channels of the file as recorded, at their native rate: for switching filters off and for other channels.

const RAW_BLOCK_EPOCHS = 4;
const RAW_KEPT_BLOCKS = 16;
const FILLED = 0.6;

/** "epoch" events as those of the signal store. */
export class RawView extends EventTarget {
  #signals;
  #epochCount;
  #sources;
  #names;
  #fits = new Map();
  /** Frequency of the mains of the recording, in Hz. */
  mainsHz;

  /** `layout` is that of the raw signals: `derivations` with their channels, and the filters. */
  constructor({ layout, fetchEpochs }) {
    super();
    this.#signals = new SignalStore({
      layout, fetchEpochs, blockEpochs: RAW_BLOCK_EPOCHS, keptBlocks: RAW_KEPT_BLOCKS,
    });
    this.mainsHz = layout.mains_hz ?? 50;
    this.#epochCount = layout.epoch_count;
    this.#sources = new Map(layout.derivations.map(({ negative, ...source }) =>
      [source.name, { ...source, negatives: negative ? [negative] : [] }]));
    this.#names = layout.channels.map(({ name }) => name);
    this.#signals.addEventListener("epoch", ({ detail }) => this.dispatchEvent(new CustomEvent("epoch", { detail })));
  }

  /** Channels that no derivation is made of: ECG, airflow, legs, SpO2 and whatever else there is. */
  get extras() {
    const used = new Set([...this.#sources.values()].flatMap(({ positive, negatives }) => [positive, ...negatives]));
    return this.#names.filter((name) => !used.has(name));
  }

  get signals() {
    return this.#signals;
  }

  /** All channels of the file, {name, unit, sfreq_hz}. */
  get channels() {
    return this.#names.map((name) => this.#signals.channel(name));
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

  /**
   * What the painter needs to make a derivation: counts, scales and the filters that are on; `own` are a person's, and
   * `source` the channels of a difference that is theirs.
   */
  derivation(epoch, name, { filters, notch, own, source }) {
    const { positive, negatives, band = [], mains = [] } = source ?? this.#sources.get(name);
    const stored = [...(filters ? band : []), ...(notch ? mains : [])];
    return this.#counts(epoch, positive, negatives, own ? this.#sections(positive, { filters, notch, own }) : stored);
  }

  /** The same of another channel, with its middle and how many pixels of `bandPx` a unit fills, fitted once a night. */
  extra(epoch, name, bandPx, on = null) {
    const raw = this.channel(epoch, name, on);
    const key = JSON.stringify([name, raw.sections]);
    if (!this.#fits.has(key)) this.#fits.set(key, fitted(rawEpochUv(raw), raw.positiveUv));
    const { middle, spread } = this.#fits.get(key);
    return { raw, middle, pxPerUnit: (FILLED * bandPx) / spread };
  }

  /** Another channel as recorded, or with the filters of a person that are on. */
  channel(epoch, name, on = null) {
    return this.#counts(epoch, name, [], on ? this.#sections(name, on) : []);
  }

  #sections(name, { filters, notch, own }) {
    const cut = { ...own, ...(!filters && { low: null, high: null }), ...(!notch && { notch: null }) };
    return sectionsOf(cut, this.#signals.channel(name).sfreq_hz);
  }

  #counts(epoch, positive, negatives, sections) {
    const channel = this.#signals.channel(positive);
    const epochs = sections.length ? this.#around(epoch) : [epoch];
    const count = channel.samples_per_epoch;
    return {
      positive: this.#joined(epochs, positive),
      positiveUv: channel.scale_uv,
      // Of several channels the mean is taken away.
      negatives: negatives.map((name) => ({
        counts: this.#joined(epochs, name), uv: this.#signals.channel(name).scale_uv / negatives.length,
      })),
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

/** The middle and the spread of a channel without its rarest values, in its unit; `step` is that of a count. */
function fitted(values, step) {
  const sorted = values.sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const middle = at(0.5);
  return { middle, spread: Math.max(at(0.99) - at(0.01), Math.abs(middle) * 0.04, Math.abs(step) * 4) };
}

/** The signals of a recording, by its endpoints; null where it has none. */
export async function loadSignals(api, { state }) {
  if (state !== "ready") return null;
  return new SignalStore({ layout: await api.layout(), fetchEpochs: api.epochs });
}

/** Opens the raw view when it is first wanted; it resolves with null where the night has none. */
export function rawOpener({ layout, epochs }) {
  let opening = null;
  const open = async () => {
    const raw = await layout();
    return raw && new RawView({ layout: raw, fetchEpochs: epochs });
  };
  return () => (opening ??= open().catch((error) => {
    if (error.status === 404) return null;
    opening = null; // the next time it is fetched again
    if (!("status" in error)) throw error;
    return null;
  }));
}
