import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BINDINGS, actionFor, keyLabel, mayRepeat } from "../../static/js/workbench/keys.js";

const press = (key, more = {}) => actionFor({ key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });

test("stage keys are the field's", () => {
  for (const [key, action] of [["w", "stage:W"], ["0", "stage:W"], ["1", "stage:N1"], ["2", "stage:N2"], ["3", "stage:N3"], ["r", "stage:R"]]) {
    assert.deepEqual(press(key), { action, other: false });
  }
  assert.equal(press("u").action, "unscore");
  assert.equal(press("Delete").action, "unscore");
});

test("4, 5 and 9 mean different things in different tools and do nothing", () => {
  for (const key of ["4", "5", "9"]) assert.equal(press(key), null);
});

test("shift with a stage key does the other of going on and staying", () => {
  assert.deepEqual(press("W", { shiftKey: true }), { action: "stage:W", other: true });
  assert.deepEqual(press("@", { shiftKey: true, code: "Digit2" }), { action: "stage:N2", other: true });
});

test("capital letters under caps lock still count", () => {
  assert.equal(press("W").action, "stage:W");
});

test("undo and redo answer to both habits", () => {
  assert.equal(press("z").action, "undo");
  assert.equal(press("z", { ctrlKey: true }).action, "undo");
  assert.equal(press("Z", { shiftKey: true }).action, "redo");
  assert.equal(press("y", { ctrlKey: true }).action, "redo");
  assert.equal(press("z", { metaKey: true }).action, "undo");
});

test("browser shortcuts stay the browser's", () => {
  assert.equal(press("r", { ctrlKey: true }), null);
  assert.equal(press("w", { metaKey: true }), null);
  assert.equal(press("ArrowLeft", { altKey: true }), null);
});

test("a key held down moves, and stages nothing", () => {
  assert.deepEqual(["next", "gain:up", "stage:N2", "undo"].map(mayRepeat), [true, true, false, false]);
});

test("no key is bound twice", () => {
  const keys = BINDINGS.flatMap((binding) => binding.keys);
  assert.equal(new Set(keys).size, keys.length);
});

test("the guide for annotators names every key", () => {
  const guide = readFileSync(new URL("../../docs/annotator.md", import.meta.url), "utf8");
  const named = new Set([...guide.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
  const keys = BINDINGS.flatMap((binding) => binding.keys.map(keyLabel));
  assert.deepEqual(keys.filter((key) => !named.has(key)), []);
});
