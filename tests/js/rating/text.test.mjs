import assert from "node:assert/strict";
import { test } from "node:test";
import { piecesOf } from "../../../static/js/rating/text.js";

const places = (text) => piecesOf(text).filter(({ place }) => place).map(({ text: words, place }) =>
  [words, place.derivations?.join("+") ?? "all", place.start_s, place.end_s]);

test("times and stretches of time point at their place, on the derivation named beside them", () => {
  assert.deepEqual(places("Spindle in C4-M1 at 12.3-13.1 s, 13.4 Hz, 38 µV."), [["12.3-13.1 s", "C4-M1", 12.3, 13.1]]);
  assert.deepEqual(places("Two sleep spindles at 3.1 and 14.0 s in C4 (14.0-14.5 Hz)."), [
    ["3.1", "C4-M1", 3.1, 4.1], ["14.0 s", "C4-M1", 14, 15],
  ]);
  assert.deepEqual(places("A burst between 5 and 8 seconds in F4, and one from 20 s to 22 s in O2."), [
    ["5 and 8 seconds", "F4-M1", 5, 8], ["20 s to 22 s", "O2-M1", 20, 22],
  ]);
  assert.deepEqual(places("Chin EMG rises around the 25-second mark."), [["25-second", "Chin", 25, 26]]);
});

test("where no derivation is named the kind of wave says where, and nothing known means all of them", () => {
  assert.deepEqual(places("K-complex at 4.2 s."), [["4.2 s", "F4-M1", 4.2, 5.2]]);
  assert.deepEqual(places("Rapid eye movements at 7.5 s."), [["7.5 s", "E1-M2+E2-M2", 7.5, 8.5]]);
  assert.deepEqual(places("Movement from 10 to 12 s."), [["10 to 12 s", "all", 10, 12]]);
});

test("halves of the epoch are places too", () => {
  assert.deepEqual(places("A K complex in the first half."), [["first half", "F4-M1", 0, 15]]);
  assert.deepEqual(places("Alpha fills the second half of the epoch."), [["second half", "O2-M1", 15, 30]]);
});

test("lengths, sizes, frequencies and other epochs are no places", () => {
  for (const text of [
    "Slow waves add up to 8.2 s.",
    "It lasts 0.8 s.",
    "It goes on for about 4 s.",
    "A 30 s epoch.",
    "At least 6 s of slow waves.",
    "13.4 Hz and 38 µV.",
    "Waves of 0.5-2 Hz, 80 µV, in 20 % of it.",
    "Rule N2.1 and 3 spindles.",
    "A spindle at 28 s of the preceding epoch.",
    "At 45 s.",
    "In the last half of the previous epoch.",
  ])
    assert.deepEqual(places(text), [], text);
});

test("no character is lost between the pieces", () => {
  for (const text of ["", ". . 1.2.3 ..", "<b>3.1 s</b> spindle! 3.1 s", "…3 s–4 s; 5 s", "9 and 8 s"]) {
    assert.equal(piecesOf(text).map(({ text: words }) => words).join(""), text);
  }
});
