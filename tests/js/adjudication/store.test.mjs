import assert from "node:assert/strict";
import { test } from "node:test";
import { Decisions, DecisionStore } from "../../../static/js/adjudication/store.js";

const UNDECIDED = { choice: "", side: null, stage: null, rules: [], rationale: "", reason: "" };
const TAKEN = { choice: "take", side: "A", stage: "N2", rules: [], rationale: "", reason: "missed" };

function made() {
  const sent = [];
  const queue = Object.assign(new EventTarget(), { put: (save) => sent.push(save), takeTheirs: () => undefined });
  const store = new DecisionStore({
    epoch_count: 3, sides: ["A", "B"], stages: [], disagreements: { 1: [] }, decisions: [], undecided: UNDECIDED,
  });
  const decisions = new Decisions({ store, queue, active: { takeMs: () => 5 }, shown: () => ({ view: "human" }) });
  return { sent, queue, store, decisions };
}

test("a decision stands at once, is sent with what was on screen, and is announced", () => {
  const { sent, store, decisions } = made();
  const changed = [];
  decisions.addEventListener("changed", ({ detail }) => changed.push(detail.epoch));
  decisions.decide(1, TAKEN);
  assert.deepEqual(store.decision(1), TAKEN);
  assert.deepEqual(sent, [
    { epoch: 1, content: TAKEN, version: 0, why: "edit", shown: { view: "human" }, activeMs: 5 },
  ]);
  assert.deepEqual(changed, [1]);
});

test("undo withdraws a first decision and redo gives it again", () => {
  const { sent, store, decisions } = made();
  decisions.decide(1, TAKEN);
  assert.equal(decisions.undo(), 1);
  assert.equal(store.isOpen(1), true);
  assert.equal(decisions.redo(), 1);
  assert.deepEqual(store.decision(1), TAKEN);
  assert.deepEqual(
    sent.map(({ why, content }) => [why, content.choice]),
    [
      ["edit", "take"], ["undo", "withdraw"], ["redo", "take"],
    ],
  );
  assert.equal(decisions.redo(), null);
});

test("the other side of a conflict stands with its version, and so does what the server answers", () => {
  const { queue, store, decisions } = made();
  decisions.takeTheirs(1, { ...TAKEN, version: 4 });
  assert.equal(store.version(1), 4);
  queue.dispatchEvent(new CustomEvent("saved", { detail: { epoch: 1, answer: { version: 5 } } }));
  assert.equal(store.version(1), 5);
});
