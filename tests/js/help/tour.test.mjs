import assert from "node:assert/strict";
import { test } from "node:test";
import { listen } from "../../../static/js/adjudication/page.js";
import { holdKeys } from "../../../static/js/help/tour.js";
import { KeySets } from "../../../static/js/keys/keyboard.js";

/** A key pressed during a tour: whether the page behind hears it, and whether the browser does its own with it. */
function pressed(key, more = {}) {
  const event = new Event("keydown", { cancelable: true });
  Object.assign(event, { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  const page = new EventTarget();
  let isHeard = false;
  page.addEventListener("keydown", holdKeys);
  page.addEventListener("keydown", () => (isHeard = true));
  page.dispatchEvent(event);
  return { isHeard, isBrowsers: !event.defaultPrevented };
}

test("no key of a tour is heard by the page behind it", () => {
  for (const key of ["1", "a", "A", "z", "ArrowRight", "Delete", "Escape", "?", "/"])
    assert.deepEqual(pressed(key), { isHeard: false, isBrowsers: false }, key);
  assert.deepEqual(pressed("A", { shiftKey: true }), { isHeard: false, isBrowsers: false });
});

test("the buttons of a step are pressed by key, and the browser keeps its own keys", () => {
  for (const [key, more] of [
    ["Enter"], ["Enter", { ctrlKey: true }], [" "], ["F5"], ["F11"], ["+", { ctrlKey: true }], ["r", { metaKey: true }],
    ["ArrowLeft", { altKey: true }],
  ]) {
    assert.deepEqual(pressed(key, more), { isHeard: false, isBrowsers: true }, key);
  }
  assert.deepEqual(pressed("Tab"), { isHeard: true, isBrowsers: true });
});

test("adjudication leaves alone a key that something else has used", () => {
  globalThis.document = Object.assign(new EventTarget(), { querySelector: () => null });
  const acts = [];
  listen((action) => acts.push(action), () => ({ keys: new KeySets(), state: "choosing", sides: ["A"], reasons: [] }));
  const press = (isUsed) => {
    const event = new Event("keydown", { cancelable: true });
    Object.assign(event, { key: "a", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false });
    Object.defineProperty(event, "target", { value: { closest: () => null } });
    if (isUsed) event.preventDefault();
    globalThis.document.dispatchEvent(event);
  };
  press(true);
  assert.deepEqual(acts, []);
  press(false);
  assert.deepEqual(acts, ["take:A"]);
});
