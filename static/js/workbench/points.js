// The reduction of samples to what the pixels can show.

/**
 * Points of a trace in device pixels of time and the samples' own unit of amplitude.
 * With more than two samples a column only its smallest and largest are kept, in
 * the order they occurred: the drawn line covers the same pixels.
 *
 * @param {Int16Array|Float32Array} samples one epoch of one channel
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
