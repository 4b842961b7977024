import assert from "node:assert/strict";
import { test } from "node:test";
import * as pending from "../../../static/js/saving/changes.js";
import {
  comparison, Locks, OpenEpochs, takenWhole, takenWords, untaken,
} from "../../../static/js/scoring/suggestions.js";
import { cited, mentions } from "../../../static/js/signals/evidence.js";

const event = (kind, derivation, start, end) => ({ kind, derivation, start_s: start, end_s: end, values: {} });
const SPINDLE = event("spindle", "C4-M1", 3.12, 4.02);
const LATER = event("spindle", "C4-M1", 14.01, 15);
const ALPHA = event("alpha", "O2-M1", 0, 12.1);
const EMPTY = { stage: null, rules: [], rationale: "", flags: [], evidence: [] };
const SUGGESTION = {
  stage: "N2", rules: ["N2.1"], evidence: [ALPHA, SPINDLE, LATER],
  rationale: "Two sleep spindles at 3.1 and 14.0 s in C4-M1 (14.0-14.0 Hz, 3.1 µV). It adds up to 3.1 s. Stage N2.",
};

const linked = (suggestion) => mentions(suggestion).map(({ text, event: at }) => (at ? `[${text}]` : text)).join("");

test("times in a sentence that names a measured wave are linked to it, sizes and other times are not", () => {
  assert.equal(
    linked(SUGGESTION),
    "Two sleep spindles at [3.1] and [14.0 s] in C4-M1 (14.0-14.0 Hz, 3.1 µV). It adds up to 3.1 s. Stage N2.",
  );
  assert.equal(
    linked({ rationale: "Alpha at 0.0-12.1 s and 0.0-9.9 s.", evidence: [ALPHA] }),
    "Alpha at [0.0-12.1 s] and 0.0-9.9 s.",
  );
  assert.deepEqual(cited(SUGGESTION), [SPINDLE, LATER]);
});

test("no character of a rationale is lost between the links", () => {
  for (const rationale of ["", ". . 1.2.3 ..", "<b>3.1 s</b>\n spindle! 3.1", "…"]) {
    assert.equal(mentions({ rationale, evidence: [SPINDLE] }).map(({ text }) => text).join(""), rationale);
  }
});

test("taking a suggestion over brings the waves that it names, once, and on the coarse track no words", () => {
  const own = { ...EMPTY, stage: "W", rationale: "Mine.", evidence: [SPINDLE] };
  const { rationale, evidence } = SUGGESTION;
  assert.deepEqual(takenWhole(own, SUGGESTION, { withWords: true }), {
    stage: "N2", rules: ["N2.1"], rationale, evidence: [evidence[1], LATER],
  });
  assert.deepEqual(takenWhole(own, SUGGESTION, { withWords: false }), { stage: "N2", rules: ["N2.1"] });
  const words = takenWords(own, SUGGESTION);
  assert.equal(words.rationale, `Mine. ${rationale}`);
  assert.equal(takenWords({ ...own, ...words }, SUGGESTION).rationale, words.rationale);
});

test("a suggestion agrees, gives the same stage for other reasons, or differs", () => {
  const says = (stage, rules) => comparison({ ...EMPTY, stage, rules }, { stage: "N2", rules: ["N2.1", "N2.4"] });
  assert.deepEqual(
    [says("N2", ["N2.4", "N2.1"]), says("N2", []), says("W", []), says(null, [])],
    ["agrees", "same stage", "differs", null],
  );
});

test("waves that are marked already are not put forward again", () => {
  const found = [SPINDLE, LATER, event("alpha", "C4-M1", 3, 4)];
  assert.deepEqual(untaken(found, [event("spindle", "C4-M1", 3.9, 5)]), [LATER, found[2]]);
});

test("in reveal only locked epochs are asked for, and each once", async () => {
  const locks = new Locks({ mode: "reveal", locked: [3, 5] });
  const asked = [];
  const fetch = async (first, count) => (asked.push([first, count]), [{ epoch: 3 }]);
  const epochs = new OpenEpochs({ epochCount: 100, isOpen: (epoch) => locks.isOpen(epoch), fetch });
  epochs.want(4);
  epochs.want(4);
  await new Promise(setImmediate);
  assert.deepEqual(asked, [[3, 3]]);
  assert.deepEqual([epochs.of(3), epochs.of(4), epochs.of(5)], [{ epoch: 3 }, undefined, null]);
  epochs.want(60);
  await new Promise(setImmediate);
  assert.equal(asked.length, 1);
  locks.wait(60);
  assert.deepEqual([locks.isDue(60), locks.isOpen(60), locks.isDue(61)], [false, false, true]);
});

test("a failed fetch is told, keeps what was there, and is made again on the next page", async () => {
  const answers = [Object.assign(new Error("away"), { status: 0 }), [{ epoch: 2 }]];
  const fetch = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const epochs = new OpenEpochs({ epochCount: 10, isOpen: () => true, fetch });
  epochs.want(0);
  await new Promise(setImmediate);
  assert.deepEqual([epochs.failed, epochs.of(2)], [true, undefined]);
  epochs.want(0);
  await new Promise(setImmediate);
  assert.deepEqual([epochs.failed, epochs.of(2), epochs.of(3)], [false, { epoch: 2 }, null]);
});

const save = (uuid, epoch, stage, more = {}) => ({
  uuid, epoch, content: { stage }, version: 0, activeMs: 10, attempted: false, ...more,
});
const lock = (uuid, epoch, version = 0) => ({ uuid, kind: "lock", epoch, version, attempted: false });

test("a lock goes behind the answer it locks, and later answers behind the lock", () => {
  let items = [save("a", 1, "W"), lock("b", 1), save("c", 1, "N1"), save("d", 1, "N2")].reduce(pending.enqueue, []);
  assert.deepEqual(items.map(({ uuid, version }) => [uuid, version]), [["a", 0], ["b", null], ["d", null]]);
  items = pending.acknowledge(items, "a", 1);
  assert.deepEqual([pending.nextToSend(items).kind, pending.nextToSend(items).version], ["lock", 1]);
  items = pending.acknowledge(items, "b", 1);
  assert.deepEqual(items.map(({ uuid, version }) => [uuid, version]), [["d", 1]]);
});

test("where a person must choose between two answers, or mend one, nothing is locked", () => {
  const items = [save("a", 1, "W"), lock("b", 1), save("c", 1, "N1"), lock("d", 2, 4)].reduce(pending.enqueue, []);
  const held = pending.markConflict(items, "a", { version: 3, stage: "R" });
  assert.deepEqual(held.map(({ uuid }) => uuid), ["d", "c"]);
  const refused = pending.markRefused(items, "a", "too long");
  assert.deepEqual(refused.map(({ uuid }) => uuid), ["c", "d"]);
  assert.deepEqual([refused[0].version, refused[0].refused], [0, undefined]);
});

test("what was taken over stays noted when the save is folded into the next", () => {
  const items = [save("a", 1, "W", { shown: { took: "whole" } }), save("b", 1, "W", { shown: { page_s: 30 } })].reduce(
    pending.enqueue, [],
  );
  assert.deepEqual(items[0].shown, { took: "whole", page_s: 30 });
});
