// What is made of samples: filtered, reduced to points, measured.

// Second-order sections run forwards and backwards, as the server's filters are. The sections come from the server.

function run(samples, [b0, b1, b2, a0, a1, a2]) {
  let [z1, z2] = [0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i];
    const y = (b0 * x + z1) / a0;
    z1 = b1 * x - a1 * y + z2;
    z2 = b2 * x - a2 * y;
    samples[i] = y;
  }
}

/**
 * Filter in place with zero phase. Both ends should carry seconds that are thrown away,
 * for the filters start from rest: the first value is taken off so that an offset is no step.
 *
 * @param {Float64Array} samples
 * @param {number[][]} sections rows of b0 b1 b2 a0 a1 a2
 */
function filterZeroPhase(samples, sections) {
  for (const section of sections) {
    for (let pass = 0; pass < 2; pass++) {
      const first = samples[0];
      for (let i = 0; i < samples.length; i++) samples[i] -= first;
      run(samples, section);
      const steady = (first * (section[0] + section[1] + section[2])) / (section[3] + section[4] + section[5]);
      for (let i = 0; i < samples.length; i++) samples[i] += steady;
      samples.reverse();
    }
  }
}

/**
 * An epoch of a raw derivation in uV, from the counts of up to three epochs.
 *
 * @param {{positive: Int16Array, positiveUv: number, negatives: {counts: Int16Array, uv: number}[],
 *   sections: number[][], from: number, count: number}} raw `from` and `count` choose the epoch
 * @returns {Float32Array}
 */
export function rawEpochUv({ positive, positiveUv, negatives, sections, from, count }) {
  const whole = Float64Array.from(positive, (value) => value * positiveUv);
  for (const { counts, uv } of negatives) counts.forEach((value, i) => (whole[i] -= value * uv));
  if (!sections.length) return Float32Array.from(whole.subarray(from, from + count));
  // The first and the last epoch of a night have no neighbour on which the filters could run in or out.
  const before = from === 0 ? Math.min(count, whole.length - 1) : 0;
  const after = from + count === whole.length ? Math.min(count, whole.length - 1) : 0;
  const longer = reflected(whole, before, after);
  filterZeroPhase(longer, sections);
  return Float32Array.from(longer.subarray(before + from, before + from + count));
}

/** The samples with as many more at both ends, turned about the first and the last, as scipy's odd padding. */
function reflected(samples, before, after) {
  const last = samples.length - 1;
  const longer = new Float64Array(before + samples.length + after);
  longer.set(samples, before);
  for (let i = 1; i <= before; i++) longer[before - i] = 2 * samples[0] - samples[i];
  for (let i = 1; i <= after; i++) longer[before + last + i] = 2 * samples[last] - samples[last - i];
  return longer;
}

// The reduction of samples to what the pixels can show.

/**
 * Points of a trace in device pixels of time and the samples' own unit of amplitude.
 * With more than two samples a column only its smallest and largest are kept, in
 * the order they occurred: the drawn line covers the same pixels.
 *
 * @param {Int16Array|Float32Array} samples an epoch of a channel
 * @param {number} widthPx width of the epoch
 * @param {number} spanPx pixels from the first to the last sample
 * @returns {{x: Float32Array, y: Int16Array|Float32Array, count: number}}
 */
export function tracePoints(samples, widthPx, spanPx) {
  const step = spanPx / (samples.length - 1);
  return samples.length <= 2 * widthPx ? everyPoint(samples, step) : extremes(samples, step, Math.ceil(widthPx));
}

function everyPoint(samples, step) {
  const x = new Float32Array(samples.length);
  for (let i = 0; i < x.length; i++) x[i] = i * step;
  return { x, y: samples, count: x.length };
}

function extremes(samples, step, columns) {
  const x = new Float32Array(2 * columns + 2);
  const y = new samples.constructor(2 * columns + 2);
  let count = 0;
  let i = 0;
  for (let column = 1; i < samples.length; column++) {
    let low = i;
    let high = i;
    for (; i < samples.length && i * step < column; i++) {
      if (samples[i] < samples[low]) low = i;
      if (samples[i] > samples[high]) high = i;
    }
    const [first, second] = low < high ? [low, high] : [high, low];
    x[count] = first * step;
    y[count++] = samples[first];
    if (second !== first) {
      x[count] = second * step;
      y[count++] = samples[second];
    }
  }
  return { x, y, count };
}

/**
 * What a line through points covers of each pixel column: from where to where, in device pixels.
 * The line is as heavy as a stroke of that width: a steep stretch is no wider, a level one `line` pixels high.
 *
 * @param {{x: Float32Array, y: Int16Array|Float32Array, count: number}} points as of tracePoints()
 * @param {{width: number, pxPerCount: number, centrePx: number, line: number}} place pixels, negative draws upwards
 * @returns {Float32Array} the upper ends of all columns, then the lower ends; a column without signal has 0 and 0
 */
export function traceColumns({ x, y, count }, { width, pxPerCount, centrePx, line }) {
  const lows = new Float32Array(width).fill(Infinity);
  const highs = new Float32Array(width).fill(-Infinity);
  const reach = (line - 1) / 2;
  for (let i = 1; i < count; i++) {
    const slope = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
    const last = Math.min(width - 1, Math.floor(x[i] + reach));
    for (let column = Math.max(0, Math.floor(x[i - 1] - reach)); column <= last; column++) {
      const from = y[i - 1] + slope * Math.max(0, Math.min(x[i], column - reach) - x[i - 1]);
      const to = y[i - 1] + slope * (Math.min(x[i], column + 1 + reach) - x[i - 1]);
      lows[column] = Math.min(lows[column], from, to);
      highs[column] = Math.max(highs[column], from, to);
    }
  }
  const ends = new Float32Array(2 * width);
  for (let column = 0; column < width; column++) {
    if (highs[column] < lows[column]) continue;
    const rise = Math.abs((highs[column] - lows[column]) * pxPerCount);
    const middle = centrePx + ((highs[column] + lows[column]) / 2) * pxPerCount;
    const half = Math.hypot(rise, line) / 2;
    [ends[column], ends[width + column]] = [middle - half, middle + half];
  }
  return ends;
}

// The pixels of the traces: each is set once for a page, which costs a small part of stroking their lines.

const OPAQUE = 255;

/** A picture of traces, set pixel by pixel, of the size of a canvas. */
export class TracePixels {
  #image = null;
  #pixels;

  /** Empty, of this size. */
  clear({ width, height }) {
    if (this.#image?.width === width && this.#image.height === height) return this.#pixels.fill(0);
    this.#image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
  }

  /** Set columns `from` to `to` of a trace whose first column lies at `x`; `ink` as of inkOf(), `strength` up to 1. */
  draw(columns, { x, from, to, ink, strength }) {
    const { width, height } = this.#image;
    const count = columns.length / 2;
    const full = Math.round(strength * OPAQUE);
    for (let column = from; column < to; column++) {
      const top = Math.max(0, columns[column]);
      const bottom = Math.min(height, columns[count + column]);
      const first = Math.floor(top);
      const last = Math.ceil(bottom) - 1;
      if (last < first) continue;
      const at = first * width + x + column;
      const end = at + (last - first) * width;
      cover(this.#pixels, at, ink, Math.round((Math.min(bottom, first + 1) - top) * full));
      for (let inner = at + width; inner < end; inner += width) cover(this.#pixels, inner, ink, full);
      if (last > first) cover(this.#pixels, end, ink, Math.round((bottom - last) * full));
    }
  }

  show(context) {
    context.putImageData(this.#image, 0, 0);
  }
}

/** Where traces lie over each other, the one that covers more of a pixel has it. */
function cover(pixels, at, ink, alpha) {
  if (alpha >= pixels[at] >>> 24) pixels[at] = (alpha << 24) | ink;
}

// What can be measured on a stretch of a derivation, as it is drawn.

export const BANDS_HZ = { delta: [0.3, 4], theta: [4, 8], alpha: [8, 13], beta: [13, 30] };
const SEARCH_HZ = [0.5, 30];
const GRID_HZ = 0.1;
// Less than this holds no half wave of anything that is looked for.
const SHORTEST_S = 0.1;

/** The samples between two times of an epoch, in microvolts. */
export function cut({ samples, sfreqHz, scaleUv, startS, endS }) {
  const from = Math.max(0, Math.round(startS * sfreqHz));
  const to = Math.min(samples.length, Math.round(endS * sfreqHz) + 1);
  return Float64Array.from(samples.subarray(from, Math.max(from, to)), (count) => count * scaleUv);
}

function tapered(signal) {
  const mean = signal.reduce((sum, value) => sum + value, 0) / signal.length;
  const step = (2 * Math.PI) / signal.length;
  return signal.map((value, i) => (value - mean) * (0.5 - 0.5 * Math.cos(step * (i + 0.5))));
}

/** Squared magnitude of the Fourier sum at a frequency, by Goertzel's recurrence. */
function powerAt(signal, radians) {
  const twice = 2 * Math.cos(radians);
  let [before, last] = [0, 0];
  for (const value of signal) [before, last] = [last, value + twice * last - before];
  return before * before + last * last - twice * before * last;
}

/**
 * Single-sided power density (uV^2 / Hz) of a Hann-tapered stretch.
 * The grid is 0.1 Hz or, for long stretches, finer: what zero-padding the stretch would give.
 */
export function density(signal, sfreqHz) {
  const stepHz = Math.min(GRID_HZ, sfreqHz / signal.length);
  const windowed = tapered(signal);
  const perHz = 2 / (sfreqHz * signal.length * 0.375); // 0.375: mean square of the Hann window
  const count = Math.floor(SEARCH_HZ[1] / stepHz) + 1;
  const values = Float64Array.from(
    { length: count },
    (_, i) => perHz * powerAt(windowed, (2 * Math.PI * i * stepHz) / sfreqHz),
  );
  return { stepHz, values };
}

/** Frequency of the highest peak in 0.5-30 Hz, between grid points by a parabola. */
function dominantHz({ stepHz, values }) {
  const first = Math.ceil(SEARCH_HZ[0] / stepHz - 1e-9);
  let top = first;
  for (let i = first; i < values.length; i++) if (values[i] > values[top]) top = i;
  const [left, peak, right] = [values[top - 1], values[top], values[top + 1]];
  const curve = left - 2 * peak + right;
  const isPeak = top > first && top < values.length - 1 && curve < 0;
  return stepHz * (isPeak ? top + (0.5 * (left - right)) / curve : top);
}

/** Power (uV^2) in [low, high) Hz. */
export function bandPower({ stepHz, values }, [low, high]) {
  let sum = 0;
  values.forEach((value, i) => {
    if (i * stepHz >= low && i * stepHz < high) sum += value;
  });
  return sum * stepHz;
}

function bandOf(frequencyHz) {
  return (
    Object.keys(BANDS_HZ).find((name) => frequencyHz >= BANDS_HZ[name][0] && frequencyHz < BANDS_HZ[name][1]) ?? "beta"
  );
}

function peakToPeak(signal) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of signal) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

/** Named values of a stretch; those that make no sense of it are left out. Muscle has no rhythm to name. */
export function measure(signal, sfreqHz, { isMuscle = false } = {}) {
  if (signal.length < 2) return {};
  const values = { peak_to_peak_uv: peakToPeak(signal) };
  if (isMuscle || signal.length < SHORTEST_S * sfreqHz || values.peak_to_peak_uv === 0) return values;
  const spectrum = density(signal, sfreqHz);
  const frequencyHz = dominantHz(spectrum);
  const band = bandOf(frequencyHz);
  return { ...values, frequency_hz: frequencyHz, [`${band}_power_uv2`]: bandPower(spectrum, BANDS_HZ[band]) };
}

// On which signal waves are measured: the signal on screen, which evidence names.

const WORDS = {
  raw: "unfiltered", notch: "without band-pass", "band-pass": "without notch", custom: "with own filters",
};

/** "unfiltered", or what was left out; empty for the filtered signal, which goes without saying. */
export function signalWords(signal) {
  return WORDS[signal] ?? "";
}

function signalName({ filters, notch, isOwn }) {
  if (isOwn) return filters || notch ? "custom" : "raw";
  if (filters) return notch ? "filtered" : "band-pass";
  return notch ? "notch" : "raw";
}

/**
 * The samples of a band as drawn, of an epoch, with their unit and what was done to them; null while not here.
 *
 * @returns {?{samples: Int16Array|Float32Array, scaleUv: number, sfreqHz: number, signal: string}}
 */
export function measuredSamples(band, epoch, { signals, raw }) {
  if (band.raw) {
    if (!raw.loaded(epoch)) return null;
    const made = band.isExtra ? raw.channel(epoch, band.channel, band.raw) : raw.derivation(epoch, band.name, band.raw);
    return ofRaw(made, signalName(band.raw));
  }
  const store = band.signals ?? signals;
  const samples = store.samples(epoch, band.channel);
  const { sfreq_hz: sfreqHz, scale_uv: scaleUv } = store.channel(band.channel);
  return samples && { samples, scaleUv, sfreqHz, signal: band.isExtra ? "raw" : "filtered" };
}

/** What is measured on a stretch as `traces` draws it: {values, signal, sfreqHz}, empty before the signal is here. */
export function valuesOf({ derivation, startS, endS }, traces) {
  const measured = traces.samplesOf(derivation);
  if (!measured) return {};
  const values = measure(cut({ ...measured, startS, endS }), measured.sfreqHz, { isMuscle: derivation === "Chin" });
  return { values, signal: measured.signal, sfreqHz: measured.sfreqHz };
}

function ofRaw(raw, signal) {
  return { samples: rawEpochUv(raw), scaleUv: 1, sfreqHz: raw.sfreqHz, signal };
}
