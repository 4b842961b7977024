// Events of imported files: which of them lie on the page, and where.

import assert from "node:assert/strict";
import test from "node:test";

import { placed, wordsOf } from "../../../static/js/scoring/fileevents.js";

const event = (start, end) => ({ start_s: start, end_s: end });

test("an event that touches the page is placed, others are not", () => {
  const events = [event(0, 5), event(28, 33), event(60, 60), event(100, 110)];
  assert.deepEqual(placed(events, 30, 60).map(({ event: { start_s: start } }) => start), [28]);
  assert.deepEqual(placed(events, 60, 90).map(({ event: { start_s: start } }) => start), [60]);
});

test("events that overlap lie in lanes of their own, others share one", () => {
  const events = [event(0, 10), event(5, 8), event(10, 12)];
  assert.deepEqual(placed(events, 0, 30).map(({ lane }) => lane), [0, 1, 0]);
});

test("an event is called by its known name, else by its kind, with its channel", () => {
  assert.equal(wordsOf({ name: "obstructive apnea", kind: "respiratory", channel: "" }), "obstructive apnea");
  assert.equal(wordsOf({ name: "", kind: "arousal", channel: "C4-M1" }), "arousal C4-M1");
});
