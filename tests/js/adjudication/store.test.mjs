import assert from "node:assert/strict";
import { test } from "node:test";
import { Decisions, DecisionStore } from "../../../static/js/adjudication/store.js";
import { wantedAt } from "../../../static/js/adjudication/texts.js";

const UNDECIDED = { choice: "", side: null, stage: null, rules: [], rationale: "", reason: "" };
const TAKEN = { choice: "take", side: "A", stage: "N2", rules: [], rationale: "", reason: "missed" };

function made() {
  const sent = [];
  const queue = Object.assign(new EventTarget(), { put: (save) => sent.push(save), takeTheirs: () => undefined });
  const store = new DecisionStore({
    epoch_count: 3, sides: ["A", "B"], stages: ["W2.", "W3."], disagreements: {}, settlements: [], commented: {},
    decisions: [[0, 1, "unanimous", "B", "W", ""]], undecided: UNDECIDED,
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

const SIDES = [{ stage: "N2", rules: ["N2.1"], rationale: "Spindle.", flags: [] },
  { stage: "N3", rules: [], rationale: "", flags: ["unsure"] }];
const text = (decision, comments = []) =>
  ({ sides: SIDES, decision: { ...UNDECIDED, version: 0, ...decision }, comments, comment_count: comments.length });

test("where the sides differ is known before their words are here", () => {
  const { store } = made();
  assert.deepEqual(store.disputed, [1]);
  assert.equal(store.disagreement(0), null);
  assert.deepEqual(store.disagreement(1).map(({ stage, rationale }) => [stage, rationale]), [["N2", ""], ["N3", ""]]);
  assert.equal(store.hasTexts(1), false);
  store.fill({ 1: text({}, [{ id: 3, epoch: 1 }]) });
  assert.equal(store.hasTexts(1), true);
  assert.equal(store.disagreement(1)[0].rationale, "Spindle.");
  assert.equal(store.commentCount(1), 1);
});

test("comments are counted also where only the newest are here", () => {
  const { store } = made();
  store.fill({ 1: { ...text({}, [{ id: 8, epoch: 1 }]), comment_count: 3 } });
  store.addComment({ id: 9, epoch: 1 });
  store.addComment({ id: 9, epoch: 1 });
  assert.equal(store.commentCount(1), 4);
  store.addEarlierComments(1, [{ id: 6, epoch: 1 }, { id: 7, epoch: 1 }]);
  assert.deepEqual(store.commentsOn(1).map(({ id }) => id), [6, 7, 8, 9]);
  assert.equal(store.commentCount(1), 4);
});

test("words that arrive late do not undo what was decided here meanwhile", () => {
  const { store, decisions } = made();
  store.fill({ 0: text({ version: 1, choice: "unanimous", side: "B", stage: "W", rationale: "Alpha." }) });
  assert.equal(store.decision(0).rationale, "Alpha.");
  decisions.decide(1, TAKEN);
  store.fill({ 1: text({}) });
  assert.deepEqual(store.decision(1), TAKEN);
});

test("a decision of somebody else arrives with its words", () => {
  const { store } = made();
  store.fill({ 1: text({ version: 2, choice: "write", stage: "R", reason: "rule" }) });
  assert.deepEqual([store.stage(1), store.version(1), store.isOpen(1)], ["R", 2, false]);
});

test("what a rule settled is loaded anew, can be withdrawn, and is not undone", () => {
  const { store, decisions, sent } = made();
  decisions.decide(1, TAKEN);
  store.load({ decisions: [[1, 4, "majority", null, "N3", ""]], settlements: [], commented: {} });
  decisions.forget();
  assert.equal(decisions.undo(), null);
  assert.deepEqual([store.mayWithdraw(1), store.mayWithdraw(0), store.isOpen(0)], [true, false, true]);
  decisions.decide(1, store.withdrawn);
  assert.deepEqual([store.isOpen(1), sent.at(-1).version, sent.at(-1).content.choice], [true, 4, "withdraw"]);
  assert.equal(decisions.undo(), 1);
  assert.equal(sent.at(-1).content.choice, "majority");
});

test("a page of words is fetched while there are few ahead", () => {
  const epochCount = 60;
  const here = new Set();
  const store = { epochCount, open: Array.from({ length: 50 }, (_, n) => n), hasTexts: (epoch) => here.has(epoch) };
  const first = wantedAt(5, store);
  assert.deepEqual([first.length, first[0], first.at(-1)], [20, 5, 24]);
  for (const epoch of first) here.add(epoch);
  assert.deepEqual(wantedAt(10, store), []);
  assert.equal(wantedAt(20, store)[0], 25);
  assert.deepEqual(wantedAt(55, store).slice(0, 2), [55, 0]);
  assert.deepEqual(wantedAt(0, { ...store, open: [] }), [0, 1]);
});
