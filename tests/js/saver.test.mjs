import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Saver } from "../../static/js/rating/saver.js";

const EMPTY = {
  factual_accuracy: null, evidence_comprehensiveness: null, logical_coherence: null, cannot_judge: false, comment: "",
};
const settle = async () => {
  for (let turn = 0; turn < 50; turn++) await null;
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const rows = new Map();
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: { getItem: (key) => rows.get(key) ?? null, setItem: (key, text) => rows.set(key, text), removeItem: (key) => rows.delete(key) },
  });
});

test("a tab closed without a network keeps the newest scores, not only those it was sending", async () => {
  const silent = async () => {
    throw Object.assign(new Error("no answer"), { status: 0 });
  };
  const first = new Saver({ code: "c", rating: { ...EMPTY, version: 0 }, send: silent });
  first.want({ ...EMPTY, factual_accuracy: 4 });
  await settle();
  first.want({ ...EMPTY, factual_accuracy: 4, logical_coherence: 2, comment: "REM?" });
  await settle();

  const stored = [];
  const answering = async (code, body) => {
    stored.push(body);
    return { ...body, version: stored.length };
  };
  const second = new Saver({ code: "c", rating: { ...EMPTY, version: 0 }, send: answering });
  assert.deepEqual([second.content.logical_coherence, second.content.comment], [2, "REM?"]);
  await settle();
  assert.deepEqual(stored.map((body) => [body.version, body.logical_coherence, body.comment]), [[0, null, ""], [1, 2, "REM?"]]);
  assert.equal(localStorage.getItem("epochwise.rating.c"), null);
  assert.ok(second.settled);
});
