import assert from "node:assert/strict";
import { test } from "node:test";
import { actOnSecond } from "../../../static/js/site/dom.js";

/** Two buttons in a dialog, without the browser. */
function buttons() {
  const dialog = new EventTarget();
  const button = () => Object.assign(new EventTarget(), { style: {}, closest: () => dialog, focus: () => null });
  return { dialog, first: button(), second: button() };
}

const click = (button) => button.dispatchEvent(new Event("click"));
const isShown = ({ style }) => style.visibility === "";

test("a button for what cannot be taken back is hidden once its dialog is closed, and when it is told so", () => {
  const { dialog, first, second } = buttons();
  const hide = actOnSecond(first, second, () => null);
  for (const leave of [() => dialog.dispatchEvent(new Event("close")), hide]) {
    click(first);
    assert.ok(isShown(second));
    leave();
    assert.ok(!isShown(second));
  }
});

test("it is hidden after it acted", async () => {
  const { first, second } = buttons();
  actOnSecond(first, second, async () => null);
  click(first);
  click(second);
  await new Promise(setImmediate);
  assert.ok(!isShown(second));
});
