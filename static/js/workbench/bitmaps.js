// Ready-made pictures of epochs: a page turn only copies them to the screen.

import { EPOCH_S, tracePoints } from "./scale.js";

const BUDGET_BYTES = 96e6;
const FEWEST = 4;

export class EpochBitmaps {
  #made = new Map();
  #canvas = null;
  #signals;
  #size = null;

  constructor(signals) {
    this.#signals = signals;
  }

  /** Forget all: the size, the gain or the colours changed. `size` is {width, height, line, bands} in device pixels. */
  reset(size) {
    this.#made.forEach((bitmap) => bitmap.close());
    this.#made.clear();
    this.#size = size;
    this.#canvas = new OffscreenCanvas(size.width, size.height);
  }

  get capacity() {
    return Math.max(FEWEST, Math.floor(BUDGET_BYTES / (4 * this.#size.width * this.#size.height)));
  }

  has(epoch) {
    return this.#made.has(epoch);
  }

  /** The picture of an epoch, drawn now if need be; null while its signal is not here. */
  get(epoch) {
    if (!this.#made.has(epoch) && this.#signals.loaded(epoch)) this.#made.set(epoch, this.#draw(epoch));
    return this.#made.get(epoch) ?? null;
  }

  /** Drop the pictures farthest from `epoch` when there are too many. */
  trim(epoch) {
    if (this.#made.size <= this.capacity) return;
    const far = [...this.#made.keys()].sort((a, b) => Math.abs(b - epoch) - Math.abs(a - epoch));
    for (const key of far.slice(0, this.#made.size - this.capacity)) {
      this.#made.get(key).close();
      this.#made.delete(key);
    }
  }

  #draw(epoch) {
    const context = this.#canvas.getContext("2d");
    context.lineWidth = this.#size.line;
    context.lineJoin = "bevel";
    for (const band of this.#size.bands) this.#stroke(context, epoch, band);
    return this.#canvas.transferToImageBitmap();
  }

  #stroke(context, epoch, band) {
    const { scale_uv: scaleUv, samples_per_epoch: count, sfreq_hz: sfreqHz } = this.#signals.channel(band.channel);
    const spanPx = (this.#size.width * (count - 1)) / (sfreqHz * EPOCH_S);
    const points = tracePoints(this.#signals.samples(epoch, band.channel), this.#size.width, spanPx);
    const pxPerCount = scaleUv * band.pxPerUv;
    context.beginPath();
    for (let i = 0; i < points.count; i++) context.lineTo(points.x[i], band.centrePx + points.y[i] * pxPerCount);
    context.strokeStyle = band.colour;
    context.stroke();
  }
}
