// Ready-made pictures of epochs: a page turn only copies them to the screen.
// A worker draws them, so that no key ever waits for a picture that is not yet needed.

import { EPOCH_S } from "./scale.js";

const BUDGET_BYTES = 96e6;
const FEWEST = 4;

/** "drawn" events carry {epoch} when its picture is there. */
export class EpochBitmaps extends EventTarget {
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

  /** Forget all: the size, the gain or the colours changed. `size` is {width, height, line, bands} in device pixels;
   *  `raw` the raw view where a band needs it, else null. */
  reset(size, raw) {
    this.#raw = raw;
    this.#edition += 1;
    this.#size = size;
    this.#made.forEach((bitmap) => bitmap.close());
    this.#made.clear();
  }

  /** No picture is made any more. */
  close() {
    this.#worker.terminate();
    this.#wanted = [];
    this.#made.forEach((bitmap) => bitmap.close());
    this.#made.clear();
  }

  has(epoch) {
    return this.#made.has(epoch);
  }

  get(epoch) {
    return this.#made.get(epoch) ?? null;
  }

  /** Have these epochs drawn, in this order, as far as memory allows; others make room for them. */
  want(epochs) {
    const capacity = Math.max(FEWEST, Math.floor(BUDGET_BYTES / (4 * this.#size.width * this.#size.height)));
    this.#wanted = epochs.slice(0, capacity);
    this.#dropOthers(capacity);
    this.#ask();
  }

  #dropOthers(capacity) {
    for (const [epoch, bitmap] of this.#made) {
      if (this.#made.size <= capacity) return;
      if (this.#wanted.includes(epoch)) continue;
      bitmap.close();
      this.#made.delete(epoch);
    }
  }

  #ask() {
    if (this.#busy) return;
    const epoch = this.#wanted.find((wanted) => !this.#made.has(wanted) && this.#loaded(wanted));
    if (epoch === undefined) return;
    this.#busy = true;
    const { width, height, line, bands } = this.#size;
    const traces = bands.map((band) => this.#trace(epoch, band));
    this.#worker.postMessage({ edition: this.#edition, epoch, width, height, line, traces });
  }

  #loaded(epoch) {
    return this.#signals.loaded(epoch) && (this.#raw?.loaded(epoch) ?? true);
  }

  #trace(epoch, band) {
    if (band.isExtra) return this.#extraTrace(epoch, band);
    return band.raw ? this.#rawTrace(this.#raw.derivation(epoch, band.name, band.raw), band, band.pxPerUv) : this.#storedTrace(epoch, band);
  }

  /** Made and filtered in the worker. */
  #rawTrace(raw, { colour, centrePx }, pxPerCount) {
    return { raw, pxPerCount, centrePx, colour, spanPx: (this.#size.width * (raw.count - 1)) / (raw.sfreqHz * EPOCH_S) };
  }

  #extraTrace(epoch, band) {
    const { raw, middle, pxPerUnit } = this.#raw.extra(epoch, band.channel, band.heightPx);
    const pxPerCount = -pxPerUnit * band.gain;
    return this.#rawTrace(raw, { ...band, centrePx: band.centrePx - middle * pxPerCount }, pxPerCount);
  }

  #storedTrace(epoch, { channel, colour, centrePx, pxPerUv }) {
    const { scale_uv: scaleUv, samples_per_epoch: count, sfreq_hz: sfreqHz } = this.#signals.channel(channel);
    return {
      samples: this.#signals.samples(epoch, channel).slice(),
      spanPx: (this.#size.width * (count - 1)) / (sfreqHz * EPOCH_S),
      pxPerCount: scaleUv * pxPerUv,
      centrePx,
      colour,
    };
  }

  #receive({ edition, epoch, bitmap }) {
    this.#busy = false;
    if (edition === this.#edition) {
      this.#made.set(epoch, bitmap);
      this.dispatchEvent(new CustomEvent("drawn", { detail: { epoch } }));
    } else {
      bitmap.close();
    }
    this.#ask();
  }
}
