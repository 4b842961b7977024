// Epoch records from the server: fetched in whole blocks around where we are, kept while near.

import { DERIVATIONS } from "./montage.js";

const BLOCK_EPOCHS = 8;
const KEPT_BLOCKS = 24;
const RETRY_MS = 3_000;

/** "epoch" events carry {first, count} when a block has arrived. */
export class SignalStore extends EventTarget {
  #layout;
  #fetchEpochs;
  #blocks = new Map();
  #loading = new Set();
  #channels;

  constructor({ layout, fetchEpochs }) {
    super();
    this.#layout = layout;
    this.#fetchEpochs = fetchEpochs;
    this.#channels = new Map(layout.channels.map((channel) => [channel.name, channel]));
  }

  /** The derivations at hand, top to bottom. */
  get derivations() {
    return DERIVATIONS.filter((name) => this.has(name));
  }

  has(name) {
    return this.#channels.has(name);
  }

  channel(name) {
    return this.#channels.get(name);
  }

  loaded(epoch) {
    return this.#blocks.has(Math.floor(epoch / BLOCK_EPOCHS));
  }

  /** Counts of one channel of one epoch, int16, without a copy; null while it is not here. */
  samples(epoch, name) {
    const block = Math.floor(epoch / BLOCK_EPOCHS);
    const buffer = this.#blocks.get(block);
    const { offset_bytes: offset, samples_per_epoch: count } = this.#channels.get(name);
    const start = (epoch - block * BLOCK_EPOCHS) * this.#layout.record_size + offset;
    return buffer ? new Int16Array(buffer, start, count) : null;
  }

  /** Make the neighbourhood of `epoch` come in: its own block first, then the next, then the one before. */
  want(epoch) {
    const last = Math.floor((this.#layout.epoch_count - 1) / BLOCK_EPOCHS);
    const here = Math.floor(epoch / BLOCK_EPOCHS);
    for (const block of [here, here + 1, here - 1, here + 2]) {
      if (block >= 0 && block <= last) this.#load(block);
    }
  }

  async #load(block) {
    if (this.#loading.has(block)) return;
    if (this.#blocks.has(block)) return this.#touch(block);
    this.#loading.add(block);
    const first = block * BLOCK_EPOCHS;
    const count = Math.min(BLOCK_EPOCHS, this.#layout.epoch_count - first);
    try {
      this.#keep(block, await this.#fetchEpochs(first, count));
      this.dispatchEvent(new CustomEvent("epoch", { detail: { first, count } }));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: { first, error } }));
      setTimeout(() => this.#load(block), RETRY_MS);
    } finally {
      this.#loading.delete(block);
    }
  }

  #touch(block) {
    const buffer = this.#blocks.get(block);
    this.#blocks.delete(block);
    this.#blocks.set(block, buffer);
  }

  #keep(block, buffer) {
    this.#blocks.set(block, buffer);
    if (this.#blocks.size > KEPT_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value);
  }
}
