import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adjudicationHelp } from "../../../static/js/adjudication/keys.js";
import { captured } from "../../../static/js/keys/dialog.js";
import { keyLabel, KeyMap, KeySets, PAGES, plainKey } from "../../../static/js/keys/keyboard.js";
import { BINDINGS, doesOf, FIXED, ratingHelp } from "../../../static/js/keys/tables.js";
import { actionFor as ratingAction } from "../../../static/js/rating/page.js";
import { changed, DEFAULTS, goesOn } from "../../../static/js/signals/display.js";

const event = (key, more = {}) => ({
  key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more,
});
const press = (key, more, map = new KeyMap()) => map.actionFor(event(key, more));
const action = (...args) => press(...args)?.action ?? null;

test("stage keys are the field's", () => {
  for (const [key, wanted] of [
    ["w", "stage:W"], ["0", "stage:W"], ["1", "stage:N1"], ["2", "stage:N2"], ["3", "stage:N3"], ["r", "stage:R"],
  ]) {
    assert.deepEqual(press(key), { action: wanted, other: false });
  }
  assert.deepEqual(["u", "Delete"].map((key) => action(key)), ["unscore", "unscore"]);
});

test("4, 5 and 9 mean different things in different tools and do nothing unasked", () => {
  for (const key of ["4", "5", "9"]) assert.equal(press(key), null);
});

test("shift with a stage key does the other of going on and staying", () => {
  assert.deepEqual(press("W", { shiftKey: true }), { action: "stage:W", other: true });
  assert.deepEqual(press("@", { shiftKey: true, code: "Digit2" }), { action: "stage:N2", other: true });
});

test("capital letters under caps lock still count", () => {
  assert.equal(action("W"), "stage:W");
});

test("undo and redo answer to both habits", () => {
  assert.equal(action("z"), "undo");
  assert.equal(action("z", { ctrlKey: true }), "undo");
  assert.equal(action("Z", { shiftKey: true }), "redo");
  assert.equal(action("y", { ctrlKey: true }), "redo");
  assert.equal(action("z", { metaKey: true }), "undo");
});

test("browser shortcuts stay the browser's", () => {
  assert.equal(press("r", { ctrlKey: true }), null);
  assert.equal(press("w", { metaKey: true }), null);
  assert.equal(press("ArrowLeft", { altKey: true }), null);
});

test("a French keyboard stages by its top row, which types signs", () => {
  for (const [key, code, stage] of [
    ["à", "Digit0", "W"], ["&", "Digit1", "N1"], ["é", "Digit2", "N2"], ['"', "Digit3", "N3"],
  ]) {
    assert.deepEqual(press(key, { code }), { action: `stage:${stage}`, other: false });
  }
  assert.deepEqual(press("2", { code: "Digit2", shiftKey: true }), { action: "stage:N2", other: true });
  assert.equal(action("-", { code: "Digit6" }), "page:longer");
  assert.equal(action(".", { code: "Comma", shiftKey: true }), "chord");
  assert.equal(action("z", { code: "KeyW" }), "undo");
  assert.equal(action("w", { code: "KeyZ" }), "stage:W");
  assert.equal(action("m", { code: "Semicolon" }), "model");
  assert.equal(plainKey(event("é", { code: "Digit2" })), "2");
  assert.equal(plainKey(event("4", { code: "Digit4", shiftKey: true })), "4");
});

test("a German keyboard has its letters by what they say, and ö where ; would lie", () => {
  assert.equal(action("z", { code: "KeyY" }), "undo");
  assert.equal(action("y", { code: "KeyZ" }), "copy");
  assert.equal(action("ö", { code: "Semicolon" }), "quick:3");
  assert.equal(action("=", { code: "Digit0", shiftKey: true }), "page:shorter");
  assert.equal(action("-", { code: "Slash" }), "page:longer");
  assert.equal(action("?", { code: "Minus", shiftKey: true }), "help");
});

test("a keyboard without Latin letters works by place", () => {
  assert.equal(action("ц", { code: "KeyW" }), "stage:W");
  assert.deepEqual(press("Ц", { code: "KeyW", shiftKey: true }), { action: "stage:W", other: true });
  assert.equal(action("ж", { code: "Semicolon" }), "quick:3");
  assert.equal(plainKey(event("ь", { code: "KeyM" })), "M");
});

test("a key held down moves, and stages nothing", () => {
  assert.deepEqual(
    ["next", "gain:up", "stage:N2", "undo"].map((name) => new KeyMap().mayRepeat(name)),
    [true, true, false, false],
  );
});

test("no key is bound twice, and every command has its words", () => {
  const keys = BINDINGS.flatMap((binding) => binding.keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(BINDINGS.filter(({ says, group }) => !says || !group), []);
});

test("a key given to a command is no other's, and comes back with a reset", () => {
  const map = new KeyMap().given("stage:R", "W", "R");
  assert.deepEqual([map.keysOf("stage:R"), map.keysOf("stage:W")], [["W"], ["0"]]);
  assert.equal(action("w", {}, map), "stage:R");
  assert.equal(action("r", {}, map), null);
  const moved = map.given("undo", "W");
  assert.deepEqual([moved.keysOf("stage:R"), moved.keysOf("undo")], [[], ["Z", "Ctrl+Z", "W"]]);
  assert.deepEqual([moved.missing("stage:R"), moved.isOwn("stage:W")], [["R"], false]);
  assert.deepEqual(moved.reset("undo").reset("stage:R").own, {});
  assert.deepEqual(new KeyMap().without("redo", "Ctrl+Y").keysOf("redo"), ["Shift+Z", "Ctrl+Shift+Z"]);
});

test("what was kept comes back, and what is no key map does no harm", () => {
  const map = new KeyMap().given("stage:R", "5");
  assert.equal(action("5", {}, new KeyMap(JSON.parse(JSON.stringify(map.own)))), "stage:R");
  for (const kept of [null, { "stage:R": "5" }, { nothing: ["5"] }, { "stage:R": [5] }, { "stage:R": [""] }]) {
    assert.deepEqual(new KeyMap(kept).own, {});
  }
});

test("with a shifted key given away, shift with the stage key is that command's", () => {
  const map = new KeyMap().given("history", "Shift+W");
  assert.deepEqual(press("W", { shiftKey: true }, map), { action: "history", other: false });
});

test("keys that belong to the browser are refused in words, and modifiers waited out", () => {
  assert.equal(captured(event("Shift", { shiftKey: true })), null);
  assert.match(captured(event("t", { ctrlKey: true })).refused, /Ctrl T is reserved for the browser/);
  assert.match(captured(event("F5")).refused, /F5/);
  assert.match(captured(event("Dead")).refused, /cannot be used/);
  assert.match(captured(event("e", { altKey: true })).refused, /Alt/);
  assert.deepEqual(captured(event("é", { code: "Digit2" })).names, ["2", "É"]);
});

test("a key is written as its cap says", () => {
  assert.deepEqual(["ArrowLeft", "Ctrl+Shift+Z", "+", "Ctrl++", "Shift+F"].map(keyLabel), [
    "←", "Ctrl Shift Z", "+", "Ctrl +", "Shift F",
  ]);
});

test("a stage key goes on where nothing is written, and waits where a rationale is", () => {
  assert.deepEqual(["coarse", "fine"].map((track) => goesOn(DEFAULTS, track)), [true, false]);
  assert.deepEqual(["coarse", "fine"].map((track) => goesOn(DEFAULTS, track, { other: true })), [false, true]);
  const fineGoesOn = changed(DEFAULTS, "advance", "fine");
  assert.deepEqual(["coarse", "fine"].map((track) => goesOn(fineGoesOn, track)), [true, true]);
});

test("digits of the number pad go on and those of the top row stay, where asked for", () => {
  const settings = { ...DEFAULTS, padGoesOn: true };
  assert.deepEqual(["pad", "row", ""].map((from) => goesOn(settings, "fine", { from })), [true, false, false]);
  assert.equal(goesOn(settings, "coarse", { from: "row" }), false);
  assert.equal(goesOn(settings, "fine", { from: "row", other: true }), true);
});

test("the guide for annotators names every key", () => {
  const guide = readFileSync(new URL("../../../docs/annotator.md", import.meta.url), "utf8");
  const named = new Set([...guide.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
  const keys = BINDINGS.flatMap((binding) => binding.keys.map(keyLabel));
  assert.deepEqual(keys.filter((key) => !named.has(key)), []);
});

test("pages share the keys of scoring until they are given their own, and all are kept together", () => {
  const first = new KeySets();
  const remapped = first.with("workbench", first.workbench.given("gain:up", "G").given("polarity", "C"));
  assert.deepEqual(remapped.rating.keysOf("gain:up"), ["ArrowUp", "G"]);
  assert.deepEqual(remapped.rating.keysOf("comment"), ["C"]); // judging comes first
  const own = remapped.with("rating", remapped.rating.given("gain:up", "Q").given("comment", "1"));
  assert.deepEqual(
    [own.rating.keysOf("gain:up"), own.workbench.keysOf("gain:up")],
    [
      ["ArrowUp", "G", "Q"], ["ArrowUp", "G"],
    ],
  );
  const again = new KeySets(JSON.parse(JSON.stringify(own.own)));
  assert.deepEqual(again.own, own.own);
  assert.deepEqual(Object.keys(again.own).toSorted(), ["gain:up", "polarity", "rating/comment", "rating/gain:up"]);
  assert.equal(again.rating.commandOf(["1"]).says, "Comment");
  assert.deepEqual(again.with("rating", again.rating.fresh()).own, remapped.own);
});

test("no key of a page is asked for twice by its own commands, and every command has its words", () => {
  const { rating, adjudication } = new KeySets();
  for (const { bindings } of [rating, adjudication]) {
    const own = bindings
      .filter(({ group }) => group !== "Display" && group !== "Further scorings")
      .flatMap(({ keys }) => keys);
    assert.equal(new Set(own).size, own.length);
    assert.deepEqual(bindings.filter(({ says, group }) => !says || !group), []);
  }
});

test("a rater stages with the keys of scoring while the own stage is required, and then judges with their own", () => {
  const keys = new KeySets({ "stage:N3": ["4"], "rating/score:5": ["9"] });
  const does = (key, awaitsStage) => ratingAction(event(key), { keys, awaitsStage })?.action ?? null;
  assert.deepEqual(
    [does("4", true), does("4", false), does("9", false), does("5", false)], ["stage:N3", "score:4", "score:5", null],
  );
  assert.deepEqual(ratingHelp(keys.rating)[0].keys, ["1", "2", "3", "4", "9"]);
});

/** What each key does on any page and in any state, {key: {kinds}}. */
function meanings() {
  const { workbench, rating, adjudication } = new KeySets();
  const rows = [
    ...workbench.bindings, ...FIXED, ...rating.bindings, ...adjudication.bindings,
    ...adjudicationHelp({ workbench, adjudication }, ["A", "B", "C", "D", "E", "F"]),
  ];
  const keysIn = (row) => [workbench, rating, adjudication].flatMap((map) =>
    map.bindings.includes(row) ? map.keysOf(row.action) : []);
  const found = new Map();
  for (const row of rows) {
    for (const key of new Set([...(FIXED.includes(row) ? row.keys : keysIn(row)), ...(row.action ? [] : row.keys)])) {
      found.set(key, (found.get(key) ?? new Set()).add(doesOf(row)));
    }
  }
  return found;
}

test("no key has two kinds of meaning: what fixes does nothing else, and what moves changes nothing", () => {
  const fixing = [...meanings()].filter(([, kinds]) => kinds.has("fixes"));
  assert.deepEqual(fixing.map(([key]) => key).toSorted(), ["Shift+S", "Space"]);
  for (const [key, kinds] of meanings()) {
    assert.ok(!kinds.has(undefined), key);
    if (kinds.has("fixes")) assert.equal(kinds.size, 1, key);
    if (kinds.has("moves")) assert.ok(!kinds.has("changes"), key);
  }
});

test("a key that submits or locks cannot be given another meaning, on no page, nor a moving key be given to it", () => {
  const sets = new KeySets();
  for (const [page, act, key] of [
    ["workbench", "submit", "Enter"], ["workbench", "submit", "Ctrl+Enter"], ["adjudication", "finish", "N"],
    ["adjudication", "finish", "W"], ["rating", "lock", "X"], ["workbench", "assist:lock", "Tab"],
    ["rating", "next", "Space"], ["adjudication", "open", "Space"], ["rating", "cannot", "Shift+S"],
  ]) {
    assert.ok(sets.otherMeaning(page, act, key), `${page} ${act} ${key}`);
  }
  assert.equal(sets.otherMeaning("workbench", "submit", "Ctrl+J"), null);
  assert.equal(sets.otherMeaning("workbench", "stage:R", "T"), null);
  const kept = new KeySets({ submit: ["Ctrl+Enter"], "adjudication/finish": ["Enter"], "rating/lock": ["ArrowRight"] });
  assert.deepEqual(
    [kept.workbench.keysOf("submit"), kept.adjudication.keysOf("finish"), kept.rating.keysOf("lock")],
    [["Shift+S"], ["Shift+S"], ["Space"]],
  );
});

test("the lock key of rating acts where something can be locked, and else is the page's", () => {
  const keys = new KeySets();
  const space = (state) => ratingAction(event(" ", { code: "Space" }), { keys, ...state })?.action ?? null;
  assert.deepEqual(
    [space({ awaitsStage: true }), space({ awaitsStage: false, awaitsLock: true }), space({ awaitsStage: false })],
    ["lock", "lock", null],
  );
});

test("own keys kept from before, and the table again, give no key that fixes here and moves or changes there", () => {
  const keysOf = (kept, page, command) => new KeySets(kept)[page].keysOf(command);
  assert.deepEqual(keysOf({ next: ["Space"] }, "rating", "lock"), []);
  assert.deepEqual(keysOf({ undo: ["Shift+S"] }, "adjudication", "finish"), []);
  assert.deepEqual(keysOf({ "rating/undo": ["Shift+S"] }, "workbench", "submit"), []);
  assert.deepEqual(keysOf({ next: ["Space"], "rating/lock": ["Ctrl+J", "Space"] }, "rating", "lock"), ["Ctrl+J"]);
  assert.deepEqual(keysOf({}, "rating", "lock"), ["Space"]);
  for (const page of Object.keys(PAGES)) assert.deepEqual(new KeySets()[page].keyless, []);
  assert.deepEqual(new KeySets({ next: ["Space"] }).rating.fresh().keyless.map((each) => each.action), ["lock"]);

  const moved = new KeySets({ "rating/lock": ["Ctrl+J"] });
  assert.equal(moved.otherMeaning("workbench", "next", "Space"), null);
  const own = moved.with("workbench", moved.workbench.given("next", "Space"));
  for (const map of [own.rating.reset("lock"), own.rating.fresh()]) {
    const again = own.with("rating", map);
    assert.deepEqual([again.rating.keysOf("lock"), again.workbench.commandOf(["Space"]).action], [[], "next"]);
    assert.equal(again.otherMeaning("rating", "lock", "Space").action, "next");
    const free = again.with("workbench", again.workbench.reset("next"));
    assert.deepEqual(free.rating.keysOf("lock"), ["Space"]);
  }
});
