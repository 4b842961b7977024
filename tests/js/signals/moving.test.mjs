import assert from "node:assert/strict";
import { test } from "node:test";
import { panned, partAround, stepper } from "../../../static/js/signals/moving.js";
import { pageWords, partAfter } from "../../../static/js/signals/scale.js";

test("small turns of a wheel add up to a step, and turning back begins anew", () => {
  const turned = stepper(100);
  assert.deepEqual([40, 40, 40].map(turned), [0, 0, 1]);
  assert.deepEqual([90, -90, -20].map(turned), [0, 0, -1]);
  assert.deepEqual([500, 0, -500].map(turned), [1, 0, -1]);
});

test("a short page moves freely in its epoch, stops at the end, and goes on with the next move", () => {
  const at = { pageS: 10, epoch: 3, epochCount: 5 };
  assert.deepEqual(panned({ ...at, part: 0 }, 2.5), { epoch: 3, part: 0.25 });
  assert.deepEqual(panned({ ...at, part: 1.9 }, 9), { epoch: 3, part: 2 });
  assert.deepEqual(panned({ ...at, part: 2 }, 1), { epoch: 4, part: 0 });
  assert.deepEqual(panned({ ...at, part: 0 }, -1), { epoch: 2, part: 2 });
});

test("at the ends of the night nothing moves", () => {
  const at = { pageS: 5, epochCount: 2 };
  assert.equal(panned({ ...at, epoch: 0, part: 0 }, -1), null);
  assert.equal(panned({ ...at, epoch: 1, part: 5 }, 1), null);
});

test("what lies under the pointer stays there when the page gets shorter, inside the epoch", () => {
  assert.equal(partAround(10, 15, 0.5), 1);
  assert.equal(partAround(5, 12, 0.2), 2.2);
  assert.equal(partAround(10, -3, 0.1), 0);
  assert.equal(partAround(10, 40, 0.9), 2);
  assert.equal(partAround(60, 15, 0.5), 0);
});

test("the arrows go on by whole parts from wherever a part begins, and reach both ends", () => {
  assert.deepEqual([0, 0.5, 1.5, 2].map((part) => partAfter(10, part, 1)), [1, 1.5, 2, null]);
  assert.deepEqual([2, 0.5, 0].map((part) => partAfter(10, part, -1)), [1, 0, null]);
  assert.deepEqual([1, -1].map((step) => partAfter(60, 0, step)), [null, null]);
});

test("the length of a short page comes with its place in the epoch", () => {
  assert.equal(pageWords(30), "30 s page");
  assert.equal(pageWords(10, 1), "10 s page: 10-20 s");
  assert.equal(pageWords(5, 1 / 3), "5 s page: 1.7-6.7 s");
});
