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
export function filterZeroPhase(samples, sections) {
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
 * One epoch of a raw derivation in uV, from the counts of up to three epochs.
 *
 * @param {{positive: Int16Array, negative: ?Int16Array, positiveUv: number, negativeUv: number,
 *   sections: number[][], from: number, count: number}} raw `from` and `count` choose the epoch
 * @returns {Float32Array}
 */
export function rawEpochUv({ positive, negative, positiveUv, negativeUv, sections, from, count }) {
  const whole = Float64Array.from(positive, (value) => value * positiveUv);
  if (negative) negative.forEach((value, i) => (whole[i] -= value * negativeUv));
  if (sections.length) filterZeroPhase(whole, sections);
  return Float32Array.from(whole.subarray(from, from + count));
}
