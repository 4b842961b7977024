// What the server lets out of single epochs, fetched around where we are and kept. In reveal an epoch opens
// with its lock; nothing is asked for before that.

const BLOCK_EPOCHS = 16;
const RETRY_MS = 10_000;
const WAITING_MS = 3_000;

/** "change" events: something is known, or known to be out of reach, that was not before. */
export class OpenEpochs extends EventTarget {
  failed = false;
  #epochCount;
  #isOpen;
  #fetch;
  #known = new Map();
  #asked = new Set();
  #timer = null;
  #at = 0;

  /** `fetch(first, count)` resolves with [{epoch, ...}], or null while the server has to be asked again. */
  constructor({ epochCount, isOpen, fetch }) {
    super();
    this.#epochCount = epochCount;
    this.#isOpen = isOpen;
    this.#fetch = fetch;
  }

  /** What is known of an epoch, null where there is nothing, undefined while it is not here. */
  of(epoch) {
    return this.#isOpen(epoch) ? this.#known.get(epoch) : undefined;
  }

  put(epoch, value) {
    this.#known.set(epoch, value);
    this.dispatchEvent(new Event("change"));
  }

  /** Make the open epochs around `epoch` come in: its own block, the next, the one before. */
  want(epoch) {
    this.#at = epoch;
    const here = Math.floor(epoch / BLOCK_EPOCHS);
    for (const block of [here, here + 1, here - 1]) this.#load(this.#missing(block));
  }

  #missing(block) {
    const epochs = Array.from({ length: BLOCK_EPOCHS }, (_, index) => block * BLOCK_EPOCHS + index);
    const isMissing = (epoch) => epoch >= 0 && epoch < this.#epochCount && this.#isOpen(epoch) && !this.#known.has(epoch);
    return epochs.filter((epoch) => isMissing(epoch) && !this.#asked.has(epoch));
  }

  async #load(epochs) {
    if (!epochs.length) return;
    const [first, count] = [epochs[0], epochs.at(-1) - epochs[0] + 1];
    epochs.forEach((epoch) => this.#asked.add(epoch));
    try {
      this.#take(epochs, await this.#fetch(first, count));
      this.failed = false;
    } catch (error) {
      // It is advice: the work goes on without it, and it is asked for again.
      if (!("status" in error)) throw error;
      this.failed = true;
      this.#askAgain(RETRY_MS);
    } finally {
      epochs.forEach((epoch) => this.#asked.delete(epoch));
      this.dispatchEvent(new Event("change"));
    }
  }

  #take(epochs, found) {
    clearTimeout(this.#timer);
    if (found === null) return this.#askAgain(WAITING_MS);
    const byEpoch = new Map(found.map((value) => [value.epoch, value]));
    for (const epoch of epochs) this.#known.set(epoch, byEpoch.get(epoch) ?? null);
  }

  #askAgain(afterMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.want(this.#at), afterMs);
  }
}
