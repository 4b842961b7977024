// The whole night in its extremes: for each channel the smallest and largest value of short stretches.

const RETRY_MS = 3_000;
const FILLED = 0.6;

/** "ready" events when more can be drawn, "failed" events carry {error}; it is tried again. */
export class NightEnvelope extends EventTarget {
  #fetch;
  #views = new Map();

  /** `fetch(view)` resolves with the bytes of a store, "scored" or "raw". */
  constructor({ fetch }) {
    super();
    this.#fetch = fetch;
  }

  /** Counts of one channel as {lows, highs}, one entry a stretch; null while they are not here. */
  channel(view, names, name) {
    const counts = this.#views.get(view);
    if (counts === undefined) this.#load(view);
    return counts ? extremes(counts, names.length, names.indexOf(name)) : null;
  }

  async #load(view) {
    this.#views.set(view, null);
    try {
      this.#views.set(view, new Int16Array(await this.#fetch(view)));
      this.dispatchEvent(new CustomEvent("ready"));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: { error } }));
      setTimeout(() => this.#load(view), RETRY_MS);
    }
  }
}

function extremes(counts, channelCount, channel) {
  const size = counts.length / channelCount;
  const own = counts.subarray(channel * size, (channel + 1) * size);
  return { lows: own.filter((_, i) => i % 2 === 0), highs: own.filter((_, i) => i % 2 === 1) };
}

/**
 * What each pixel column covers; neighbours touch, so that a slow signal is one line.
 *
 * @param {{lows: Int16Array, highs: Int16Array}} stretches
 * @param {number} width columns
 */
export function columns({ lows, highs }, width) {
  const made = { lows: new Int16Array(width), highs: new Int16Array(width) };
  for (let column = 0; column < width; column++) {
    const from = Math.floor((column * lows.length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * lows.length) / width));
    let [low, high] = [lows[from], highs[from]];
    for (let i = from + 1; i < to; i++) [low, high] = [Math.min(low, lows[i]), Math.max(high, highs[i])];
    if (column > 0) [low, high] = [Math.min(low, made.highs[column - 1]), Math.max(high, made.lows[column - 1])];
    [made.lows[column], made.highs[column]] = [low, high];
  }
  return made;
}

/** Middle and pixels a count that fit a channel without its rarest values into its band. */
export function fitted({ lows, highs }, bandPx) {
  const [low, high] = [at(lows, 0.01), at(highs, 0.99)];
  return { middle: (low + high) / 2, pxPerCount: (FILLED * bandPx) / Math.max(high - low, 4) };
}

function at(values, share) {
  return values.slice().sort()[Math.round(share * (values.length - 1))];
}
