import assert from "node:assert/strict";
import { test } from "node:test";
import { gapCount, walkGaps } from "../../../static/js/site/dom.js";

/** A box with the caret or selection at `start` to `end`. */
function box(value, start, end = start) {
  return {
    value, selectionStart: start, selectionEnd: end,
    setSelectionRange(from, to) {
      [this.selectionStart, this.selectionEnd] = [from, to];
    },
  };
}

function tab(given, more = {}) {
  let isKept = false;
  walkGaps(given, { key: "Tab", preventDefault: () => (isKept = true), ...more });
  return isKept && given.value.slice(0, given.selectionStart).length;
}

test("Tab walks the gaps of a text and then leaves it, Shift Tab walks back", () => {
  const text = box("Spindle in ___. Slow waves for ___ s. Alpha in ___.", 0);
  assert.deepEqual([tab(text), tab(text), tab(text), tab(text)], [11, 31, 47, false]);
  assert.deepEqual([tab(text, { shiftKey: true }), tab(text, { shiftKey: true }), tab(text, { shiftKey: true })],
    [31, 11, false]);
});

test("gaps beside each other and at the edges are walked one by one", () => {
  const text = box("___ ___", 0);
  assert.deepEqual([tab(text), tab(text), tab(text)], [0, 4, false]);
  assert.equal(tab(box("___", 3), { shiftKey: true }), 0);
});

test("other keys and texts without a gap keep the browser's own Tab", () => {
  assert.equal(tab(box("No gap, a __ only.", 0)), false);
  assert.equal(tab(box("___", 0), { key: "a" }), false);
  assert.equal(tab(box("___", 0), { ctrlKey: true }), false);
});

test("gaps are counted", () => {
  assert.deepEqual(["", "__", "In ___.", "___ and ___"].map(gapCount), [0, 0, 1, 2]);
});
