import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf, measuredWords } from "../../../static/js/scoring/sidepanels.js";

test("outcomes are counted in words, those that do not occur left out", () => {
  const claims = ["supported", "contradicted", "supported"].map((outcome) => ({ outcome }));
  assert.equal(countsOf(claims), "2 supported, 1 contradicted");
  assert.equal(countsOf([]), "");
});

test("a measure is told with its uncertainty", () => {
  const size = { name: "peak to peak", value: 38, uncertainty: 11.9, unit: "µV" };
  assert.equal(measuredWords(size), "peak to peak 38 ± 11.9 µV");
});
