import assert from "node:assert/strict";
import { test } from "node:test";
import { meaningOf } from "../../../static/js/saving/queue.js";

const current = { version: 2 };

test("what came back instead of an answer has one meaning", () => {
  const cases = [
    [{}, { status: 401 }, "signed-out"],
    [{}, { status: 409, body: { current } }, "stale"],
    [{}, { status: 409, body: { code: "submitted" } }, "closed"],
    [{}, { status: 403 }, "closed"],
    [{}, { status: 404 }, "closed"],
    [{}, { status: 400 }, "refused"],
    [{}, { status: 413 }, "refused"],
    [{}, { status: 500 }, "later"],
    [{}, { status: 0 }, "later"],
    [{}, new TypeError("a fault of ours"), "later"],
    [{ kind: "lock" }, { status: 400 }, "unlockable"],
    [{ kind: "lock" }, { status: 409, body: { current } }, "unlockable"],
    [{ kind: "lock" }, { status: 409, body: { code: "unscored" } }, "unlockable"],
    [{ kind: "lock" }, { status: 409, body: { code: "withdrawn" } }, "closed"],
    [{ kind: "lock" }, { status: 401 }, "signed-out"],
  ];
  for (const [item, error, meaning] of cases)
    assert.equal(meaningOf(item, error), meaning, JSON.stringify([item, error]));
});
