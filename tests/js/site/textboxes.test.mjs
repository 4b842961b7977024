import assert from "node:assert/strict";
import { test } from "node:test";
import { limitPastes } from "../../../static/js/site/dom.js";

/** A box as far as its text goes, and what it said. */
function boxOf(value, { from = value.length, to = from } = {}) {
  const box = Object.assign(new EventTarget(), { value, selectionStart: from, selectionEnd: to, told: [] });
  limitPastes(box, { most: 100, onTooLong: (words) => box.told.push(words) });
  const comes = (more) =>
    box.dispatchEvent(Object.assign(new Event("beforeinput", { cancelable: true }), { data: null, ...more }));
  return { box, comes };
}

test("a paste of far too much is left out, and the person told how much it was", () => {
  const { box, comes } = boxOf("kept");
  assert.equal(comes({ data: "x".repeat(1_000_000) }), false);
  assert.match(box.told[0], /^1,000,000 characters are too many; the limit is 100. Nothing was pasted/);
  assert.equal(comes({ dataTransfer: { getData: () => "y".repeat(300) } }), false);
});

test("typing, deleting and a paste that can be shortened come in", () => {
  const { box, comes } = boxOf("x".repeat(150));
  assert.ok(comes({ data: "y".repeat(50) }));
  assert.equal(comes({ data: "y".repeat(51) }), false);
  assert.ok(boxOf("x".repeat(5_000)).comes({ data: "y" }));
  assert.ok(boxOf("x".repeat(5_000)).comes({ inputType: "deleteContentBackward" }));
  assert.ok(
    boxOf("x".repeat(150), { from: 0, to: 150 }).comes({ data: "y".repeat(200) }), "what is replaced makes room",
  );
  assert.equal(box.told.length, 1);
});
