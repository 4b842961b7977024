import assert from "node:assert/strict";
import { test } from "node:test";
import { asJson, asText } from "../../../static/js/saving/notices.js";
import { SaveQueue } from "../../../static/js/saving/queue.js";

const MADE = new Date(2026, 10, 2, 3, 4).getTime();
const event = { kind: "spindle", derivation: "C4-M1", start_s: 3.1, end_s: 3.9, values: { frequency_hz: 13.4 } };
const score = {
  stage: "N2", rules: ["N2.1"], flags: ["unsure"], evidence: [event], rationale: "A spindle.\nAnd more.",
};
const ITEMS = [
  { uuid: "b", kind: "lock", epoch: 4, createdMs: MADE + 1 },
  { uuid: "a", epoch: 4, content: score, why: "edit", version: 2, createdMs: MADE },
  { uuid: "c", epoch: 0, content: { off_s: 61.5, on_s: null }, createdMs: MADE + 2 },
  {
    uuid: "r", epoch: "5f0c",
    content: {
      factual_accuracy: 4, evidence_comprehensiveness: null, logical_coherence: 5, cannot_judge: false, comment: "Why?",
    },
    createdMs: MADE + 4,
  },
  { uuid: "l", kind: "lock", epoch: "5f0c", createdMs: MADE + 5 },
  { uuid: "m", kind: "comment", epoch: 2, content: { rationale: "See here." }, createdMs: MADE + 6 },
  {
    uuid: "d", epoch: 7,
    content: { choice: "take", side: "A", stage: "R", rules: ["R.1"], rationale: "", reason: "arousal" },
    createdMs: MADE + 3,
  },
];

test("changes that were not sent are told in words, in the order they were made, with all they hold", () => {
  assert.equal(asText(ITEMS), [
    "Epoch 5, 2 Nov 2026, 03:04\nN2, N2.1, unsure\nspindle in C4-M1 at 3.1-3.9 s, 13.4 Hz\nA spindle.\nAnd more.",
    "Epoch 5, 2 Nov 2026, 03:04\nanswer locked",
    "Lights, 2 Nov 2026, 03:04\noff: 61.5 s from the start of the recording\non: from the recording",
    "Epoch 8, 2 Nov 2026, 03:04\nR, R.1\nscoring accepted, from A, reason: arousal",
    "A rating, 2 Nov 2026, 03:04\naccuracy 4, coherence 5\nWhy?",
    "A rating, 2 Nov 2026, 03:04\nreference scores requested",
    "Comment on epoch 3, 2 Nov 2026, 03:04\nSee here.",
  ].join("\n\n"));
  const { night, changes } = JSON.parse(asJson(ITEMS, "01-09-0001"));
  assert.deepEqual([night, changes.length, changes[0].content, changes[1].kind], ["01-09-0001", 7, score, "lock"]);
});

test("what a closed scoring does not take is let go only when asked, on disk too", async () => {
  const rows = new Map();
  const disk = {
    all: async () => [...rows.values()],
    write: async ({ put, remove }) => (
      remove.forEach((uuid) => rows.delete(uuid)),
      put.forEach((item) => rows.set(item.uuid, item))
    ),
  };
  const send = async () => {
    throw Object.assign(new Error("taken away"), { status: 409, body: { code: "withdrawn" } });
  };
  const queue = new SaveQueue({ disk, send });
  await queue.restore();
  queue.put({ epoch: 4, content: score, version: 0, why: "edit", shown: {}, activeMs: 0 });
  await new Promise(setImmediate);
  assert.deepEqual([queue.state.isClosed, queue.items.length, rows.size], [true, 1, 1]);
  await queue.letGo();
  assert.deepEqual([queue.items.length, rows.size], [0, 0]);
  queue.wake(); // ends the wait for another attempt
});
