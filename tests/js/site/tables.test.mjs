// Cells of a table as csv: quoted where needed, and never the start of a formula.

import assert from "node:assert/strict";
import { test } from "node:test";

import { csvCell } from "../../../static/js/site/tables.js";

test("a text that would start a formula begins with an apostrophe", () => {
  assert.equal(csvCell("=1+1"), "'=1+1");
  assert.equal(csvCell("@SUM(A1)"), "'@SUM(A1)");
  assert.equal(csvCell("+cmd"), "'+cmd");
  assert.equal(csvCell("-x,y"), `"'-x,y"`);
});

test("numbers stay numbers, with their sign", () => {
  for (const text of ["-0.31", "+4", "12", "83.5%"]) assert.equal(csvCell(text), text);
});

test("commas, quotes and lines are quoted", () => {
  assert.equal(csvCell('Anna, "A"'), '"Anna, ""A"""');
  assert.equal(csvCell("two\nlines"), '"two\nlines"');
  assert.equal(csvCell("plain"), "plain");
});
