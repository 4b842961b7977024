import assert from "node:assert/strict";
import { test } from "node:test";
import { reachWords } from "../../../static/js/scoring/editing.js";
import { ScoringStore } from "../../../static/js/scoring/scores.js";
import { Turning, View } from "../../../static/js/scoring/workbench.js";
import { DEFAULTS } from "../../../static/js/signals/display.js";

const UNSCORED = { stage: null, rules: [], rationale: "", flags: [], evidence: [] };

function made({ pageS = 30 } = {}) {
  const log = [];
  const store = new ScoringStore({ epochCount: 4, unscored: UNSCORED });
  const view = Object.assign(new EventTarget(), { settings: { pageS } });
  const turning = new Turning({
    store, view, session: { flush: () => log.push("flush") }, answers: { say: (words) => log.push(words) },
    place: { keep: (epoch) => log.push(`keep ${epoch}`) },
  });
  turning.addEventListener("turned", () => log.push(`turned ${store.current}.${turning.part}`));
  return { log, store, view, turning };
}

test("what was typed is saved before the page turns, and the place is kept after it", () => {
  const { log, turning } = made();
  turning.go(2);
  assert.deepEqual(log, ["flush", "turned 2.0", "keep 2"]);
});

test("a page shorter than the epoch is turned by its parts, and stops at both ends of the night", () => {
  const { store, turning } = made({ pageS: 10 });
  const walk = (step, times) => Array.from({ length: times }, () => {
    turning.by(step);
    return `${store.current}.${turning.part}`;
  });
  assert.deepEqual(walk(1, 4), ["0.1", "0.2", "1.0", "1.1"]);
  assert.deepEqual(walk(-1, 6), ["1.0", "0.2", "0.1", "0.0", "0.0", "0.0"]);
  turning.go(99);
  assert.equal(store.current, 3);
});

test("another length of the page begins at the start of the epoch", () => {
  const { view, turning } = made({ pageS: 10 });
  turning.go(1, 2);
  view.dispatchEvent(new CustomEvent("changed", { detail: { isOtherPage: false } }));
  assert.equal(turning.part, 2);
  view.dispatchEvent(new CustomEvent("changed", { detail: { isOtherPage: true } }));
  assert.equal(turning.part, 0);
});

test("an epoch that is not there is answered in words", () => {
  const { log, turning } = made();
  turning.goIf(null, "Every epoch is scored");
  assert.deepEqual(log, ["Every epoch is scored"]);
});

test("without a network the page says from which epoch on there is no signal", () => {
  assert.match(reachWords(11, 40), /no signal from epoch 41 on, staging is locked there/);
  assert.match(reachWords(3, null), /all signals to the end are here/);
  assert.match(reachWords(40, 40), /epoch 41 has no signal here, staging is locked$/);
});

test("in reveal a stage key locks the answer only where a person has chosen it", () => {
  const node = { textContent: "", setAttribute: () => null, toggleAttribute: () => null };
  const parts = new Proxy({}, { get: () => node });
  const goesOn = (mode, track, settings = DEFAULTS) =>
    new View({ parts, settings, keeper: null, track, mode }).goesOn({});
  assert.deepEqual(["blind", "reveal"].map((mode) => goesOn(mode, "coarse")), [true, false]);
  assert.deepEqual(["blind", "reveal"].map((mode) => goesOn(mode, "fine")), [false, false]);
  assert.equal(goesOn("reveal", "coarse", { ...DEFAULTS, advanceFine: true }), true);
});
