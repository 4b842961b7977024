import assert from "node:assert/strict";
import { test } from "node:test";
import * as pending from "../../../static/js/saving/changes.js";

const save = (uuid, epoch, stage, more = {}) => ({
  uuid, epoch, content: { stage }, version: 0, activeMs: 10, attempted: false, ...more,
});

test("two quick changes of one epoch become one save under a new name", () => {
  const items = pending.enqueue(pending.enqueue([], save("a", 1, "W")), save("b", 1, "N1"));
  assert.equal(items.length, 1);
  assert.deepEqual([items[0].uuid, items[0].content.stage, items[0].activeMs], ["b", "N1", 20]);
});

test("a change made with nothing of it on screen keeps what was on screen with the one before", () => {
  const [merged] = pending.enqueue(
    [save("a", 3, "N2", { shown: { view: "signal" } })], save("b", 3, "N3", { shown: undefined }),
  );
  assert.deepEqual([merged.uuid, merged.shown], ["b", { view: "signal" }]);
});

test("a save that may have reached the server is never rewritten", () => {
  const sent = pending.markAttempted(pending.enqueue([], save("a", 1, "W")), "a");
  const items = pending.enqueue(sent, save("b", 1, "N1"));
  assert.deepEqual(items.map((item) => [item.uuid, item.version]), [["a", 0], ["b", null]]);
  assert.equal(pending.nextToSend(items).uuid, "a");
});

test("an answer hands its version to the save behind it", () => {
  const items = [save("a", 1, "W", { attempted: true }), save("b", 1, "N1", { version: null }), save("c", 2, "R")];
  const left = pending.acknowledge(items, "a", 7);
  assert.deepEqual(left.map((item) => [item.uuid, item.version]), [["b", 7], ["c", 0]]);
});

test("an answer that comes twice changes nothing", () => {
  const items = [save("b", 1, "N1")];
  assert.equal(pending.acknowledge(items, "a", 7), items);
});

test("a stale save keeps the newest of ours beside what the server holds", () => {
  const items = [save("a", 1, "W", { attempted: true }), save("b", 1, "N1", { version: null }), save("c", 2, "R")];
  const held = pending.markConflict(items, "a", { version: 3, stage: "R" });
  const mine = held.find((item) => item.epoch === 1);
  assert.deepEqual([held.length, mine.content.stage, mine.conflict.stage], [2, "N1", "R"]);
  assert.equal(pending.nextToSend(held).uuid, "c");
});

test("working on in a conflict changes our side of it and sends nothing", () => {
  const held = pending.markConflict([save("a", 1, "W", { attempted: true })], "a", { version: 3, stage: "R" });
  const items = pending.enqueue(held, save("b", 1, "N2"));
  assert.deepEqual([items.length, items[0].content.stage, items[0].conflict.version], [1, "N2", 3]);
  assert.equal(pending.nextToSend(items), null);
});

test("keeping mine is a new save on top of theirs", () => {
  const held = pending.markConflict([save("a", 1, "W", { attempted: true })], "a", { version: 3, stage: "R" });
  const [item] = pending.keepMine(held, 1, "z");
  assert.deepEqual([item.uuid, item.version, item.conflict, item.attempted], ["z", 3, null, false]);
});

test("a refused save waits for its correction and holds nobody else up", () => {
  const refused = pending.markRefused([save("a", 1, "W"), save("b", 2, "R")], "a", "too long");
  assert.equal(pending.nextToSend(refused).uuid, "b");
  const corrected = pending.enqueue(refused, save("c", 1, "W"));
  assert.equal(pending.nextToSend(corrected).uuid, "c");
  assert.equal(corrected.length, 2);
});

test("the disk is told only what changed", () => {
  const before = [save("a", 1, "W"), save("b", 2, "R")];
  const after = pending.enqueue(before, save("c", 1, "N1"));
  const { put, remove } = pending.difference(before, after);
  assert.deepEqual([put.map((item) => item.uuid), remove], [["c"], ["a"]]);
});

test("a correction made while the refused save was on its way is not held up by it", () => {
  const sent = [save("a", 1, "W", { attempted: true, version: 4 })];
  const items = pending.enqueue(sent, save("b", 1, "N1"));
  const left = pending.markRefused(items, "a", "too long");
  assert.deepEqual(left.map(({ uuid, version, activeMs }) => [uuid, version, activeMs]), [["b", 4, 20]]);
  assert.equal(pending.nextToSend(left).uuid, "b");
});

test("saves keep their order on disk when the clock is set back", () => {
  const items = [save("a", 1, "W", { createdMs: 5_000 }), save("b", 2, "R", { createdMs: 3_000 })];
  assert.equal(pending.nextMs(items, 1_000), 5_001);
  assert.equal(pending.nextMs(items, 9_000), 9_000);
});

test("the fields of a content are those that the server names, and what lacks is as in the empty one", () => {
  const empty = { stage: null, rules: [], rationale: "" };
  assert.deepEqual(pending.contentOf(empty, { stage: "N2", rules: ["N2.1"], version: 3 }), {
    stage: "N2", rules: ["N2.1"], rationale: "",
  });
});

test("a content is the same whatever the server adds to it, and no longer once a field differs", () => {
  const mine = { stage: "N2", rules: ["N2.1"] };
  assert.equal(pending.sameContent(mine, { epoch: 4, version: 2, ...mine }), true);
  assert.equal(pending.sameContent(mine, { ...mine, rules: [] }), false);
  assert.equal(pending.sameContent(mine, { stage: "N2" }), false);
});
