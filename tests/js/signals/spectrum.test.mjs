import assert from "node:assert/strict";
import { test } from "node:test";
import { decibels, spectrumOf } from "../../../static/js/signals/spectrum.js";

const SFREQ_HZ = 100;

function wave(hz, amplitude, seconds = 10) {
  const turns = (i) => (2 * Math.PI * hz * i) / SFREQ_HZ;
  return Float64Array.from({ length: seconds * SFREQ_HZ }, (_, i) => amplitude * Math.sin(turns(i)));
}

test("a wave has the power of its amplitude, in its band alone", () => {
  const { bands } = spectrumOf(wave(10, 20), SFREQ_HZ);
  const alpha = bands.find(({ name }) => name === "alpha");
  assert.ok(Math.abs(alpha.uv2 - 200) < 2);
  assert.ok(alpha.share > 0.99);
});

test("two waves share the power as the squares of their amplitudes", () => {
  const both = wave(2, 30).map((value, i) => value + wave(10, 10)[i]);
  const { bands } = spectrumOf(both, SFREQ_HZ);
  const share = Object.fromEntries(bands.map((band) => [band.name, band.share]));
  assert.ok(Math.abs(share.delta - 0.9) < 0.01 && Math.abs(share.alpha - 0.1) < 0.01);
});

test("what cannot be told apart follows from the length, and too short a stretch has no spectrum", () => {
  assert.equal(spectrumOf(wave(10, 20, 2), SFREQ_HZ).resolutionHz, 0.5);
  assert.equal(spectrumOf(wave(10, 20).slice(0, 5), SFREQ_HZ), null);
});

test("silence has shares of nothing, and a scale that can be drawn", () => {
  const made = spectrumOf(new Float64Array(200), SFREQ_HZ);
  assert.deepEqual(made.bands.map(({ share }) => share), [0, 0, 0, 0]);
  assert.ok(decibels(made).values.every(Number.isFinite));
});

test("decibels end at 30 Hz and reach 50 dB below a round top", () => {
  const { top, values } = decibels(spectrumOf(wave(10, 20), SFREQ_HZ));
  assert.equal(values.length, 301);
  assert.equal(top % 10, 0);
  assert.ok(Math.max(...values) <= top && Math.min(...values) >= top - 50);
});
