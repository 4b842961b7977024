import assert from "node:assert/strict";
import { test } from "node:test";
import { copied, filled, gapIn, inserted, offered } from "../../../static/js/scoring/panel.js";
import { phraseOf } from "../../../static/js/signals/evidence.js";

const event = (kind, start_s, derivation = "C4-M1") => ({
  kind, derivation, start_s, end_s: start_s + 1, values: { frequency_hz: 13, peak_to_peak_uv: 40 },
});
const PHRASES = [
  { rule: "N2.1", stages: ["N2"], text: "Spindle in {spindle}." },
  { rule: "N2.2", stages: ["N2"], text: "Mixed frequencies go on." },
  { rule: "N3.1", stages: ["N3"], text: "Slow waves for {slow_wave_s} s." },
  { rule: null, stages: ["W"], text: "Awake." },
];
const RULES = [{ id: "N2.1", supports: ["N2"] }, { id: "N2.2", supports: ["N2"] }, { id: "W.1", supports: ["W"] }];
const score = (more) => ({ stage: null, rules: [], rationale: "", flags: [], evidence: [], ...more });
const texts = (found) => found.map(({ text }) => text);

test("slots take their events, several and many", () => {
  const one = event("spindle", 12);
  assert.equal(filled("Spindle in {spindle}.", [one]), "Spindle in C4-M1 at 12.0-13.0 s, 13.0 Hz, 40 µV.");
  assert.match(filled("{spindle}", [one, event("spindle", 20)]), /40 µV and C4-M1 at 20\.0/);
  assert.match(filled("{spindle}", [1, 5, 9, 13, 17].map((s) => event("spindle", s))), / and 2 more$/);
  assert.equal(filled("{slow_wave_s} s", [event("slow_wave", 3, "F4-M1")]), "1.0 s");
});

test("the slot of the chin tone takes its marks under former names, and never the level of the epoch", () => {
  const chin = (kind, values) => ({ kind, derivation: "Chin", start_s: 3, end_s: 5, values });
  for (const kind of ["tone", "tone_rise", "chin_tone"]) {
    assert.equal(filled("Rises in {chin_tone}.", [chin(kind, {})]), "Rises in Chin at 3.0-5.0 s.");
  }
  assert.equal(filled("{chin_tone}", [chin("chin_tone", { rms_uv: 2.5 })]), "___");
});

test("a slot without events is a gap to write in", () => {
  const text = filled("Spindle in {spindle}.", [event("alpha", 1)]);
  assert.equal(text, "Spindle in ___.");
  assert.deepEqual(gapIn(text), { start: 11, end: 14 });
  assert.equal(gapIn("Awake."), null);
});

test("phrases of the cited rule come first, then those of the stage", () => {
  assert.deepEqual(texts(offered(PHRASES, score({ stage: "N2", rules: ["N2.2"] }), "")), [
    "Mixed frequencies go on.", "Spindle in ___.",
  ]);
});

test("typing searches all phrases by rule and words", () => {
  assert.deepEqual(texts(offered(PHRASES, score({ stage: "N2" }), "slow n3")), ["Slow waves for ___ s."]);
  assert.deepEqual(texts(offered(PHRASES, score(), "awake")), ["Awake."]);
  assert.deepEqual(offered(PHRASES, score(), "zebra"), []);
});

test("words go in where they belong, with single spaces", () => {
  assert.deepEqual(inserted("", "One."), { text: "One.", start: 0 });
  assert.deepEqual(inserted("One.", "Two."), { text: "One. Two.", start: 5 });
  assert.equal(inserted("One. Three.", "Two.", 5).text, "One. Two. Three.");
});

test("a copy takes rules and words and leaves the other epoch's waves behind", () => {
  const wave = event("spindle", 12);
  const before = score({
    stage: "N2", rules: ["N2.1"], rationale: `Quiet. ${phraseOf(wave)} No arousal.`, evidence: [wave],
  });
  assert.deepEqual(copied(before, score(), RULES, { withWords: true }), {
    stage: "N2", rules: ["N2.1"], rationale: "Quiet. No arousal.",
  });
  assert.deepEqual(copied(before, score({ rationale: "Mine." }), RULES, { withWords: false }), {
    stage: "N2", rules: ["N2.1"],
  });
});

test("a copy onto another stage brings only rules that can support it", () => {
  const patch = copied(score({ stage: "N2", rules: ["N2.1"] }), score({ stage: "W", rules: ["W.1"] }), RULES, {
    withWords: true,
  });
  assert.deepEqual(patch, { stage: "W", rules: ["W.1"] });
});
