import assert from "node:assert/strict";
import { test } from "node:test";
import { actionFor } from "../../../static/js/adjudication/page.js";
import { decisionQueue, decisionWords } from "../../../static/js/adjudication/store.js";
import { KeySets } from "../../../static/js/keys/keyboard.js";
import { adjudicationHelp } from "../../../static/js/keys/tables.js";

const given = { keys: new KeySets(), sides: ["A", "B"], reasons: ["rule", "missed"] };
const found = (key, state, more = {}, has = given) =>
  actionFor({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more }, { ...has, state });
const press = (...args) => found(...args)?.action ?? null;

test("a letter or digit takes a side, and then a digit names the reason", () => {
  assert.equal(press("b", "choosing"), "take:B");
  assert.equal(press("2", "choosing"), "take:B");
  assert.equal(press("2", "reasoning"), "reason:missed");
  assert.equal(press("2", "writing"), "stage:N2");
});

test("a key held down walks the night and settles nothing", () => {
  assert.deepEqual(found("ArrowRight", "choosing"), { action: "turn:1", repeats: true });
  for (const [key, state] of [
    ["1", "choosing"], ["1", "reasoning"], ["a", "choosing"], ["Enter", "writing"], ["z", "choosing"],
  ]) {
    assert.equal(found(key, state).repeats, false);
  }
});

test("the help tells every key that does something, and nothing that does not", () => {
  const three = { ...given, sides: ["A", "B", "C"], reasons: ["x", "y", "z"] };
  const listed = new Set(adjudicationHelp(given.keys, three.sides).flatMap(({ keys }) => keys));
  const keys = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789;.,?=+-/'"].map((key) => [key, key.toLowerCase()]);
  const named = [
    "Enter", "Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Delete", "Home", "End", "Backspace",
  ].map((key) => [key, key]);
  for (const [name, key] of [...keys, ...named]) {
    const does = ["choosing", "reasoning", "writing"].some((state) => press(key, state, {}, three));
    assert.equal(does, listed.has(name), name);
  }
});

test("own keys settle, and what is written has the keys of scoring", () => {
  const keys = given.keys.with("workbench", given.keys.workbench.given("stage:N2", "5"))
    .with("adjudication", given.keys.adjudication.given("take:B", "K").given("disputed:1", "A"));
  const own = { ...given, keys };
  assert.deepEqual(["k", "a", "1"].map((key) => press(key, "choosing", {}, own)), ["take:B", "disputed:1", "take:A"]);
  assert.deepEqual(["5", "k", "1"].map((key) => press(key, "writing", {}, own)), ["stage:N2", "quick:1", "stage:N1"]);
  assert.equal(press("1", "reasoning", {}, own), "reason:rule");
});

const taken = { choice: "take", side: "A", stage: "N2", rules: ["N2.1"], rationale: "A spindle.", reason: "missed" };

test("two decisions are the same only with one choice, side, reason and words", async () => {
  const others = [
    [{}, "saved"],
    [{ reason: "slip" }, "conflict"],
    [{ side: "B" }, "conflict"],
    [{ choice: "write", side: null }, "conflict"],
    [{ rationale: "" }, "conflict"],
  ];
  for (const [other, state] of others) {
    const current = { epoch: 4, version: 2, ...taken, ...other };
    const queue = decisionQueue({ disk: null, send: async () => {
      throw Object.assign(new Error("stale"), { status: 409, body: { current } });
    } });
    queue.put({ epoch: 4, content: taken, version: 0, why: "edit", shown: {}, activeMs: 0 });
    await new Promise(setImmediate);
    assert.equal(queue.state.name, state, JSON.stringify(other));
  }
});

test("a decision is told with its choice and its reason", () => {
  const reasons = [{ id: "missed", says: "Event missed" }];
  const withdrawn = { choice: "withdraw", side: null, stage: null, rules: [], rationale: "", reason: "" };
  const said = [
    taken, { ...taken, choice: "write", side: null }, { ...taken, choice: "unanimous", reason: "" }, withdrawn,
  ].map((decision) => decisionWords(decision, reasons));
  assert.deepEqual(said, [
    "scoring A accepted: event missed", "own score: event missed", "all agree, rationale of A", null,
  ]);
});
