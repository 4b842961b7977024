// What can be measured on a stretch of one derivation, as it is drawn.

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

/** Squared magnitude of the Fourier sum at one frequency, by Goertzel's recurrence. */
function powerAt(signal, radians) {
  const twice = 2 * Math.cos(radians);
  let [before, last] = [0, 0];
  for (const value of signal) [before, last] = [last, value + twice * last - before];
  return before * before + last * last - twice * before * last;
}

/**
 * One-sided power density (uV^2 / Hz) of a Hann-tapered stretch.
 * The grid is 0.1 Hz or, for long stretches, finer: what zero-padding the stretch would give.
 */
export function density(signal, sfreqHz) {
  const stepHz = Math.min(GRID_HZ, sfreqHz / signal.length);
  const windowed = tapered(signal);
  const perHz = 2 / (sfreqHz * signal.length * 0.375); // 0.375: mean square of the Hann window
  const count = Math.floor(SEARCH_HZ[1] / stepHz) + 1;
  const values = Float64Array.from({ length: count }, (_, i) => perHz * powerAt(windowed, (2 * Math.PI * i * stepHz) / sfreqHz));
  return { stepHz, values };
}

/** Frequency of the highest peak in 0.5-30 Hz, between grid points by a parabola. */
export function dominantHz({ stepHz, values }) {
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

export function bandOf(frequencyHz) {
  return Object.keys(BANDS_HZ).find((name) => frequencyHz >= BANDS_HZ[name][0] && frequencyHz < BANDS_HZ[name][1]) ?? "beta";
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
