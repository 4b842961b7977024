import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { sameContent } from "../../../static/js/saving/changes.js";
import { SaveQueue } from "../../../static/js/saving/queue.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

const content = (stage) => ({ stage, rules: [], rationale: "", flags: [], evidence: [] });
const put = (queue, epoch, stage, version = 0) =>
  queue.put({ epoch, content: content(stage), version, why: "edit", shown: {}, activeMs: 10 });

/** A disk like the browser's, without the browser: rows by uuid, in no order of its own. */
function memoryDisk() {
  const rows = new Map();
  return {
    all: async () => [...rows.values()].sort((a, b) => a.createdMs - b.createdMs),
    write: async ({ put: fresh, remove }) => {
      remove.forEach((uuid) => rows.delete(uuid));
      fresh.forEach((item) => rows.set(item.uuid, item));
    },
  };
}

/** A server that knows each save by its uuid, and a network that can be pulled. */
function server() {
  const stored = new Map();
  const site = { stored, attempts: 0, status: null, loseReplies: false };
  site.send = async (epoch, body) => {
    site.attempts += 1;
    if (site.status !== null) throw Object.assign(new Error("no"), { status: site.status, body: {} });
    if (!stored.has(body.client_uuid))
      stored.set(body.client_uuid, { epoch, stage: body.stage, version: body.version + 1 });
    if (site.loseReplies) throw Object.assign(new Error("lost"), { status: 0 });
    return { ...stored.get(body.client_uuid), saved_at: "2020-01-01T00:00:00Z" };
  };
  return site;
}

/** Let promises that are due go on; a save and its answer take some twenty turns. */
async function settle(turns = 100) {
  for (let turn = 0; turn < turns; turn++) await null;
}

async function pass(ms) {
  mock.timers.tick(ms);
  await settle();
}

test("a hundred epochs scored through five minutes without a network arrive once each, in order", async () => {
  const site = server();
  site.status = 0;
  const queue = new SaveQueue({ disk: memoryDisk(), send: site.send });
  for (let epoch = 0; epoch < 100; epoch++) {
    put(queue, epoch, "N2");
    await pass(3_000);
  }
  assert.deepEqual([queue.state.name, queue.state.count, queue.state.written], ["waiting", 100, true]);
  assert.ok(site.attempts < 40, `${site.attempts} attempts are no backing off`);
  site.status = null;
  await pass(40_000); // the longest wait, and its spread
  await settle(5_000);
  assert.deepEqual([queue.state.name, queue.state.count], ["saved", 0]);
  assert.deepEqual([...site.stored.values()].map(({ epoch }) => epoch), Array.from({ length: 100 }, (_, n) => n));
});

test("what a closed tab left behind is sent by the next one, and what had arrived is not stored twice", async () => {
  const site = server();
  const disk = memoryDisk();
  site.loseReplies = true;
  const first = new SaveQueue({ disk, send: site.send });
  put(first, 4, "N1");
  await settle();
  put(first, 4, "N3"); // behind a save that may have arrived
  put(first, 5, "R");
  await settle();
  site.loseReplies = false;
  const second = new SaveQueue({ disk, send: site.send });
  assert.equal((await second.restore()).length, 3);
  second.wake();
  await settle();
  assert.equal(second.state.name, "saved");
  assert.deepEqual(
    [...site.stored.values()].map(({ epoch, stage, version }) => [epoch, stage, version]),
    [
      [4, "N1", 1], [4, "N3", 2], [5, "R", 1],
    ],
  );
  assert.deepEqual(await disk.all(), []);
});

test("signed out, everything is kept; signed in again, everything is sent", async () => {
  const site = server();
  const queue = new SaveQueue({ disk: null, send: site.send });
  site.status = 401;
  put(queue, 1, "W");
  await settle();
  assert.deepEqual([queue.state.name, queue.state.hasDisk], ["signed-out", false]);
  site.status = null;
  queue.wake();
  await settle();
  assert.equal(queue.state.name, "saved");
});

test("a refusal for good is told once, keeps the change, and is tried again when asked", async () => {
  const site = server();
  const queue = new SaveQueue({ disk: null, send: site.send });
  const closed = [];
  queue.addEventListener("closed", ({ detail }) => closed.push(detail.code));
  site.status = 403;
  put(queue, 1, "W");
  put(queue, 2, "W");
  await pass(60_000);
  assert.deepEqual([queue.state.name, queue.state.count, site.attempts, closed.length], ["refused", 2, 1, 1]);
  site.status = null;
  queue.wake();
  await settle();
  assert.deepEqual([queue.state.name, site.stored.size], ["saved", 2]);
});

test("a stale save of what the server holds already is no conflict, in whatever order it tells the keys", async () => {
  const event = {
    kind: "spindle", derivation: "C4-M1", start_s: 3, end_s: 4, values: { frequency_hz: 13, peak_to_peak_uv: 40 },
  };
  const asStored = {
    kind: "spindle", end_s: 4, values: { peak_to_peak_uv: 40, frequency_hz: 13 }, start_s: 3, derivation: "C4-M1",
  };
  const held = (evidence) => async () => {
    const current = { epoch: 1, version: 4, ...content("N2"), evidence };
    throw Object.assign(new Error("stale"), { status: 409, body: { current } });
  };
  for (const [evidence, state] of [
    [[asStored], "saved"], [[{ ...asStored, end_s: 5 }], "conflict"], [[], "conflict"],
  ]) {
    const queue = new SaveQueue({ disk: null, send: held(evidence), isSame: sameContent });
    queue.put({
      epoch: 1, content: { ...content("N2"), evidence: [event] }, version: 0, why: "edit", shown: {}, activeMs: 0,
    });
    await settle();
    assert.equal(queue.state.name, state);
  }
});
