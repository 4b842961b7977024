import assert from "node:assert/strict";
import { test } from "node:test";
import {
  eventAtCaret, MARKED_KINDS, marked, phraseOf, slowWaveSeconds, unmarked,
} from "../../../static/js/signals/evidence.js";
import { between, isLongEnough, moved, onBand, widened } from "../../../static/js/signals/measuring.js";
import { bandPower, BANDS_HZ, cut, density, measure } from "../../../static/js/signals/samples.js";

const SFREQ_HZ = 100;

function sine(frequencyHz, amplitudeUv, durationS, sfreqHz = SFREQ_HZ, phase = 0.4) {
  const length = Math.round(durationS * sfreqHz);
  return Float64Array.from(
    { length },
    (_, i) => 7 + amplitudeUv * Math.sin((2 * Math.PI * frequencyHz * i) / sfreqHz + phase),
  );
}

for (const [frequencyHz, durationS] of [[13.4, 0.8], [10, 2], [2.5, 2], [0.8, 5], [22.3, 30], [1, 30]]) {
  test(`a sine of ${frequencyHz} Hz over ${durationS} s is measured as one`, () => {
    const values = measure(sine(frequencyHz, 40, durationS), SFREQ_HZ);
    assert.ok(Math.abs(values.frequency_hz - frequencyHz) < 0.1, String(values.frequency_hz));
    assert.ok(Math.abs(values.peak_to_peak_uv - 80) < 2.5, String(values.peak_to_peak_uv));
  });
}

test("one slow wave is named by its own length, within a quarter", () => {
  const { frequency_hz: hz } = measure(sine(1, 50, 1, SFREQ_HZ, 0), SFREQ_HZ);
  assert.ok(Math.abs(hz - 1) < 0.25, String(hz));
});

test("the power of a sine is half its amplitude squared, and lies in its own band", () => {
  for (const durationS of [2, 20]) {
    const values = measure(sine(10, 20, durationS), SFREQ_HZ);
    assert.ok(Math.abs(values.alpha_power_uv2 - 200) < 10, String(values.alpha_power_uv2));
    assert.ok(bandPower(density(sine(10, 20, durationS), SFREQ_HZ), BANDS_HZ.delta) < 1);
  }
});

test("the sampling rate changes nothing", () => {
  const values = measure(sine(13, 15, 1, 256), 256);
  assert.ok(Math.abs(values.frequency_hz - 13) < 0.1);
});

test("muscle and moments too short for a wave have a size and no frequency", () => {
  assert.deepEqual(Object.keys(measure(sine(40, 5, 2), SFREQ_HZ, { isMuscle: true })), ["peak_to_peak_uv"]);
  assert.deepEqual(Object.keys(measure(sine(10, 5, 0.05), SFREQ_HZ)), ["peak_to_peak_uv"]);
  assert.deepEqual(measure(new Float64Array(100), SFREQ_HZ), { peak_to_peak_uv: 0 });
  assert.deepEqual(measure(new Float64Array(0), SFREQ_HZ), {});
});

test("counts become microvolts, both ends included", () => {
  const samples = Int16Array.from({ length: 3000 }, (_, i) => i);
  const signal = cut({ samples, sfreqHz: 100, scaleUv: 0.5, startS: 29.98, endS: 30 });
  assert.deepEqual([...signal], [1499, 1499.5]);
  assert.deepEqual([...cut({ samples, sfreqHz: 100, scaleUv: 1, startS: 1, endS: 1.02 })], [100, 101, 102]);
});

const SPINDLE = {
  kind: "spindle", derivation: "C4-M1", start_s: 12.31, end_s: 13.1,
  values: { frequency_hz: 13.42, peak_to_peak_uv: 38.2, beta_power_uv2: 90 },
};
const WORDS = "Spindle in C4-M1 at 12.3-13.1 s, 13.4 Hz, 38 µV.";
const EMPTY = { evidence: [], rationale: "" };

test("a spindle reads as a scorer writes it", () => assert.equal(phraseOf(SPINDLE), WORDS));

test("a mark brings its phrase, and takes it away again", () => {
  const score = { evidence: [], rationale: "Mixed frequencies." };
  const after = { ...score, ...marked(score, SPINDLE, { withPhrase: true }) };
  assert.equal(after.rationale, `Mixed frequencies. ${WORDS}`);
  assert.deepEqual(unmarked(after, 0), score);
});

test("without rationales a mark changes the evidence alone", () => {
  assert.deepEqual(marked(EMPTY, SPINDLE, { withPhrase: false }), { evidence: [SPINDLE] });
});

test("the same event is not marked twice, and marks stand in the order of time", () => {
  const earlier = { ...SPINDLE, start_s: 2, end_s: 3 };
  const { evidence } = marked({ evidence: [SPINDLE], rationale: "" }, earlier, { withPhrase: false });
  assert.deepEqual(evidence, [earlier, SPINDLE]);
  assert.equal(marked({ evidence, rationale: "" }, { ...SPINDLE, values: {} }, { withPhrase: true }), null);
});

test("a phrase that was rewritten stays when its mark goes", () => {
  const score = { evidence: [SPINDLE], rationale: "A fine spindle at 12 s." };
  assert.deepEqual(unmarked(score, 0), { evidence: [] });
});

test("the caret finds the wave its phrase is about", () => {
  const score = { evidence: [{ ...SPINDLE, kind: "alpha" }, SPINDLE], rationale: `Then: ${WORDS} Done.` };
  assert.equal(eventAtCaret(score, 10), 1);
  assert.equal(eventAtCaret(score, 2), -1);
});

test("no two kinds share a key", () =>
  assert.equal(new Set(MARKED_KINDS.map(({ letter }) => letter)).size, MARKED_KINDS.length));

test("slow waves on F4 are added up, overlaps once, other places never", () => {
  const wave = (start_s, end_s, derivation = "F4-M1", kind = "slow_wave") => ({
    kind, derivation, start_s, end_s, values: {},
  });
  const marks = [
    wave(10, 12), wave(1, 2.5), wave(11, 13), wave(20, 25, "C4-M1"), wave(26, 27, "F4-M1", "k_complex"),
    wave(11.2, 11.4),
  ];
  assert.equal(slowWaveSeconds(marks), 4.5);
  assert.equal(slowWaveSeconds([]), 0);
});

test("a selection stays inside the epoch and keeps its length when moved", () => {
  assert.deepEqual(between("C4-M1", 31, 29.5), { derivation: "C4-M1", startS: 29.5, endS: 30 });
  assert.deepEqual(moved(between("C4-M1", 29, 29.5), 1), { derivation: "C4-M1", startS: 29.5, endS: 30 });
  assert.equal(widened(between("C4-M1", 3, 3.1), -1).endS, 3.05);
  assert.ok(!isLongEnough(between("C4-M1", 3, 3.01)));
  const bands = [{ name: "F4-M1" }, { name: "C4-M1" }];
  assert.equal(onBand(between("C4-M1", 3, 4), bands, 1).derivation, "C4-M1");
  assert.equal(onBand(between("C4-M1", 3, 4), bands, -1).derivation, "F4-M1");
});
