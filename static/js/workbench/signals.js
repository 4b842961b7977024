// Epoch records from the server: fetched in whole blocks around where we are, kept while near.

import { DERIVATIONS } from "./montage.js";

const BLOCK_EPOCHS = 8;
const KEPT_BLOCKS = 24;
const NEAR_BLOCKS = [0, 1, -1, 2, -2];
const RETRY_MS = 3_000;

/** "epoch" events carry {first, count} when a block has arrived. */
export class SignalStore extends EventTarget {
  #layout;
  #fetchEpochs;
  #blocks = new Map();
  #loading = new Set();
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

  /** The derivations at hand, top to bottom. */
  get derivations() {
    return DERIVATIONS.filter((name) => this.has(name));
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

  /** Counts of one channel of one epoch, int16, without a copy; null while it is not here. */
  samples(epoch, name) {
    const block = Math.floor(epoch / this.#blockEpochs);
    const buffer = this.#blocks.get(block);
    const { offset_bytes: offset, samples_per_epoch: count } = this.#channels.get(name);
    const start = (epoch - block * this.#blockEpochs) * this.#layout.record_size + offset;
    return buffer ? new Int16Array(buffer, start, count) : null;
  }

  /** Make the neighbourhood of `epoch` come in: its own block, and once that is here the next, the one before, and those beyond. */
  async want(epoch) {
    const last = Math.floor((this.#layout.epoch_count - 1) / this.#blockEpochs);
    const here = (this.#here = Math.floor(epoch / this.#blockEpochs));
    await this.#load(here);
    for (const block of NEAR_BLOCKS.slice(1).map((step) => here + step)) {
      if (block >= 0 && block <= last) this.#load(block);
    }
  }

  async #load(block) {
    if (this.#loading.has(block) || this.#waiting.has(block)) return;
    if (this.#blocks.has(block)) return this.#touch(block);
    this.#loading.add(block);
    const first = block * this.#blockEpochs;
    const count = Math.min(this.#blockEpochs, this.#layout.epoch_count - first);
    try {
      this.#keep(block, await this.#fetchEpochs(first, count));
      this.dispatchEvent(new CustomEvent("epoch", { detail: { first, count } }));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: { first, error } }));
      this.#askAgain(block);
    } finally {
      this.#loading.delete(block);
    }
  }

  /** One that did not come is asked for again, unless it has been left behind by then. */
  #askAgain(block) {
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
