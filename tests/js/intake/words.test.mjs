import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, count, duration, fileName, sentences, size } from "../../../static/js/intake/words.js";

test("lengths, times, sizes and counts are worded", () => {
  assert.equal(duration(28_830), "8 h 0 min");
  assert.equal(duration(45), "45 s");
  assert.equal(duration(undefined), "");
  assert.equal(clock(86_400 + 61), "00:01:01");
  assert.equal(size(100), "1 KiB");
  assert.equal(count(1, "file"), "1 file");
  assert.equal(count(1200, "file"), "1,200 files");
});

test("texts become sentences with one full stop each", () => {
  assert.equal(sentences("No clock", "", "It was assumed."), "No clock. It was assumed.");
});

test("the name of a file is shown without its folders, not too long, and turns no other words", () => {
  assert.equal(fileName("S01/night 1/psg.edf"), "psg.edf");
  const long = fileName(`${"x".repeat(5000)}.edf`);
  assert.equal(long.length, 80);
  assert.match(long, /^x{50}…x{25}\.edf$/);
  for (const name of ["ليلة.edf", "ליל א.edf", "exe.\u202efde.edf"])
    assert.equal(fileName(`a/${name}`), `\u2066${name}\u2069`);
  assert.equal(fileName("Nächte_夜.edf"), "Nächte_夜.edf");
});
