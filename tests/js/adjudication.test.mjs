import assert from "node:assert/strict";
import { test } from "node:test";
import { actionFor } from "../../static/js/adjudication/keys.js";

const given = { sides: ["A", "B"], reasons: ["rule", "missed"] };
const press = (key, state, more = {}) =>
  actionFor({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more }, { ...given, state });

test("a letter or digit takes a side, and then a digit names the reason", () => {
  assert.equal(press("b", "choosing"), "take:B");
  assert.equal(press("2", "choosing"), "take:B");
  assert.equal(press("2", "reasoning"), "reason:missed");
  assert.equal(press("2", "writing"), "stage:N2");
});

test("a key held down walks the night and settles nothing", () => {
  const held = { repeat: true };
  assert.equal(press("ArrowRight", "choosing", held), "turn:1");
  for (const [key, state] of [["1", "choosing"], ["1", "reasoning"], ["a", "choosing"], ["Enter", "writing"], ["z", "choosing"]]) {
    assert.equal(press(key, state, held), null);
  }
});
