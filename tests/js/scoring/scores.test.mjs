import assert from "node:assert/strict";
import { test } from "node:test";
import { chordOf, offer, ruleFromChord, rulesAfterStage } from "../../../static/js/keys/tables.js";
import { UndoStack } from "../../../static/js/saving/changes.js";
import { runs, ScoringStore } from "../../../static/js/scoring/scores.js";
import { nightClock } from "../../../static/js/signals/scale.js";

const UNSCORED = { stage: null, rules: [], rationale: "", flags: [], evidence: [] };

const RULES = [
  { id: "W.1", supports: ["W"] }, { id: "N2.1", supports: ["N2"] }, { id: "N2.4", supports: ["W", "N1", "N3", "R"] },
  { id: "R.1", supports: ["R"] }, { id: "MBM.2", supports: ["W", "N1", "N2", "N3", "R"] },
];
const ids = (rules) => rules.map((rule) => rule.id);

test("rules of the stage alone come first, then those it shares, the rest last", () => {
  const found = offer(RULES, "W");
  assert.deepEqual(
    [ids(found.first), ids(found.others), ids(found.rest)], [["W.1"], ["N2.4", "MBM.2"], ["N2.1", "R.1"]],
  );
  assert.equal(offer(RULES, null).rest.length, RULES.length);
});

test("every rule has keys of its own and they lead back to it", () => {
  for (const rule of RULES) assert.equal(ruleFromChord(RULES, chordOf(rule.id)), rule);
  assert.equal(ruleFromChord(RULES, "29"), null);
});

test("changing the stage drops only the rules it made impossible", () => {
  assert.deepEqual(rulesAfterStage(RULES, ["N2.1", "MBM.2"], "R"), ["MBM.2"]);
  assert.deepEqual(rulesAfterStage(RULES, ["N2.1"], null), []);
});

test("next unscored goes round the end of the night, next transition does not", () => {
  const store = new ScoringStore({ epochCount: 5, unscored: UNSCORED });
  for (const [epoch, stage] of [[1, "W"], [2, "W"], [3, "N1"], [4, "N1"]]) {
    store.set(epoch, { stage, rules: [], rationale: "", flags: [], evidence: [] });
  }
  assert.equal(store.nextUnscored(3), 0);
  assert.equal(store.nextTransition(1), 3);
  assert.equal(store.nextTransition(3), null);
  assert.equal(store.scoredCount, 4);
});

test("unscored epochs are told as runs", () => {
  assert.deepEqual(runs([0, 1, 2, 7, 9, 10]), [{ first: 0, last: 2 }, { first: 7, last: 7 }, { first: 9, last: 10 }]);
});

test("typing is undone as one change, a pause begins another", () => {
  const stack = new UndoStack();
  stack.push({ epoch: 1, before: "", after: "a", field: "rationale" });
  stack.push({ epoch: 1, before: "a", after: "ab", field: "rationale" });
  stack.close();
  stack.push({ epoch: 1, before: "ab", after: "abc", field: "rationale" });
  assert.equal(stack.undo().before, "ab");
  assert.deepEqual([stack.undo().before, stack.undo()], ["", null]);
  assert.equal(stack.redo().after, "ab");
});

test("the clock of the night passes midnight and finds epochs by time", () => {
  const clock = nightClock({ startClockS: 23.5 * 3600, epoch0S: 0 });
  assert.equal(clock.time(0), "23:30:00");
  assert.equal(clock.time(61), "00:00:30");
  assert.equal(clock.epochAt("0:30", 200), 120);
  assert.equal(clock.epochAt("12:00", 200), null);
  assert.equal(clock.epochAt("x:y", 200), null);
});

test("the marks of the time axis are as many as fit, from a nap to two days", () => {
  const clock = nightClock({ startClockS: 22.7 * 3600, epoch0S: 0 });
  const labels = (epochCount, widthPx) => clock.marks(epochCount, widthPx).map((mark) => mark.label);
  assert.deepEqual(labels(5, 1380), ["22:42", "22:43", "22:44"]);
  assert.deepEqual(labels(960, 1380), ["23:00", "00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]);
  assert.deepEqual(labels(960, 240), ["00:00", "02:00", "04:00", "06:00"]);
  assert.deepEqual(labels(5000, 480), ["00:00", "06:00", "12:00", "18:00", "00:00", "06:00", "12:00"]);
});
