import assert from "node:assert/strict";
import { test } from "node:test";
import { actionFor, adjudicationHelp, reasonKey, sideKeys } from "../../../static/js/adjudication/keys.js";
import { fullestOf, groupsOf } from "../../../static/js/adjudication/panel.js";
import { leastVotes } from "../../../static/js/adjudication/rule.js";
import { decisionQueue, decisionWords } from "../../../static/js/adjudication/store.js";
import { KeySets } from "../../../static/js/keys/keyboard.js";

const given = { keys: new KeySets(), sides: ["A", "B"], reasons: ["rule", "missed"] };
const found = (key, state, more = {}, has = given) =>
  actionFor({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more }, { ...has, state });
const press = (...args) => found(...args)?.action ?? null;
/** A digit of the top row with Shift, on a keyboard that writes `key` then. */
const shifted = (digit, key = "@") => [key, { shiftKey: true, code: `Digit${digit}` }];
const pressShifted = (digit, state, has = given, key = "@") => {
  const [name, more] = shifted(digit, key);
  return press(name, state, more, has);
};

test("a letter takes a side and a stage key a stage, and then Shift with a digit names the reason", () => {
  assert.equal(press("b", "choosing"), "take:B");
  assert.equal(press("2", "choosing"), "stage:N2");
  assert.equal(pressShifted(2, "reasoning"), "reason:missed");
  assert.equal(pressShifted(2, "reasoning", given, "2"), "reason:missed");  // a French keyboard
  assert.equal(press("2", "writing"), "stage:N2");
});

test("the key that accepts a stage or a scoring settles nothing when it is pressed twice", () => {
  const eight = { ...given, reasons: [..."abcdefgh"] };
  for (const key of ["0", "1", "2", "3", "w", "r", "b", "4", "7", "8"])
    assert.doesNotMatch(press(key, "reasoning", {}, eight) ?? "", /reason/, key);
  for (const digit of [1, 2, 3, 8]) assert.equal(pressShifted(digit, "choosing", eight), null);
});

test("while a reason is asked for every command keeps its key, however many scorings there are", () => {
  const all = { ...given, sides: [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"], reasons: [..."abcdefgh"] };
  const { adjudication } = all.keys;
  for (const { action } of adjudication.bindings) {
    for (const name of adjudication.keysOf(action)) {
      const key = name.replace(/^(Ctrl\+|Shift\+)+(?=.)/, "");
      const held = { ctrlKey: name.startsWith("Ctrl+"), shiftKey: name.includes("Shift+") };
      assert.equal(press(key, "reasoning", held, all), action, name);
    }
  }
  const given26 = new Map(all.sides.map((side) => [side, sideKeys(adjudication, side)[0] ?? null]));
  assert.deepEqual(["C", "D", "E", "N", "U", "X", "Z"].map((side) => given26.get(side)),
    ["C", "4", "5", "Shift+N", "Shift+U", "Shift+X", null]);
  for (const [side, name] of given26) {
    if (name === null) continue;
    const shiftKey = name.startsWith("Shift+");
    for (const state of ["choosing", "reasoning"])
      assert.equal(press(name.at(-1), state, { shiftKey }, all), `take:${side}`, name);
  }
  const reasons = all.reasons.map((_, place) => reasonKey(adjudication, place));
  assert.deepEqual(reasons, [1, 2, 3, 4, 5, 6, 7, 8].map((digit) => `Shift+${digit}`));
});

test("a reason has no key where a person gave it to a command", () => {
  const keys = given.keys.with("adjudication", given.keys.adjudication.given("withdraw", "Shift+2"));
  assert.equal(pressShifted(2, "reasoning", { ...given, keys }), "withdraw");
  assert.deepEqual([0, 1].map((place) => reasonKey(keys.adjudication, place)), ["Shift+1", null]);
});

test("each of twelve sides has a key, and it is not that of a command", () => {
  const twelve = { ...given, sides: [..."ABCDEFGHIJKL"] };
  const taking = (state) =>
    twelve.sides.filter((letter) => press(letter.toLowerCase(), state, {}, twelve) === `take:${letter}`);
  for (const state of ["choosing", "reasoning"]) assert.deepEqual(taking(state), [..."ABCFGHIJKL"]);
  assert.deepEqual(["4", "5"].map((key) => press(key, "choosing", {}, twelve)), ["take:D", "take:E"]);
  assert.equal(press("d", "choosing", {}, twelve), "disputed:1");
  assert.equal(press("d", "reasoning", {}, twelve), "disputed:1");
  assert.equal(press("g", "writing", {}, twelve), null);
  assert.equal(press("C", "choosing", { shiftKey: true }, twelve), "comments");
  const listed = new Set(adjudicationHelp(given.keys, twelve.sides).flatMap(({ keys }) => keys));
  assert.deepEqual([..."ABC45FGHIJKL"].filter((key) => !listed.has(key)), []);
});

test("sides stand by stage, and the most complete score of a stage is taken in turns", () => {
  const side = (stage, rules = [], rationale = "") => ({ stage, rules, rationale, flags: [] });
  const groups = groupsOf(["A", "B", "C", "D", "E"], [
    side("N3", ["N3.1"], "Slow waves."), side("N2"), side(null), side("N3", [], "Delta."),
    side("N3", ["N3.1"], "Waves."),
  ]);
  assert.deepEqual(groups.map(({ stage, members }) => [stage, members.map(({ letter }) => letter).join("")]),
    [["N2", "B"], ["N3", "ADE"], [null, "C"]]);
  assert.deepEqual([0, 1, 2].map((epoch) => fullestOf(groups[1], epoch)), ["A", "E", "A"]);
});

test("a share is a number of scorings", () => {
  assert.deepEqual([[75, 12], [76, 12], [51, 2], [66, 12], [100, 3]].map(([percent, of]) => leastVotes(percent, of)),
    [9, 10, 2, 8, 3]);
});

test("a key held down walks the night and settles nothing", () => {
  assert.deepEqual(found("ArrowRight", "choosing"), { action: "turn:1", repeats: true });
  for (const [key, state] of [
    ["1", "choosing"], ["1", "reasoning"], ["Enter", "reasoning"], ["a", "choosing"], ["Enter", "writing"],
    ["z", "choosing"],
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
  assert.deepEqual(["k", "a", "1"].map((key) => press(key, "choosing", {}, own)), ["take:B", "disputed:1", "stage:N1"]);
  assert.deepEqual(["5", "k", "1"].map((key) => press(key, "writing", {}, own)), ["stage:N2", "quick:1", "stage:N1"]);
  assert.equal(pressShifted(1, "reasoning", own), "reason:rule");
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
    taken, { ...taken, choice: "write", side: null }, { ...taken, choice: "unanimous", reason: "" },
    { ...withdrawn, choice: "majority", stage: "N2" }, withdrawn,
  ].map((decision) => decisionWords(decision, reasons));
  assert.deepEqual(said, [
    "scoring A accepted: event missed", "own score: event missed", "all agree, rationale of A", "settled by rule", null,
  ]);
});
