import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { RawView, SignalStore } from "../../../static/js/signals/records.js";
import { rawEpochUv } from "../../../static/js/signals/samples.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

const layout = {
  epoch_count: 960, record_size: 8, channels: [{ name: "Chin", offset_bytes: 0, samples_per_epoch: 4 }],
};

async function pass(ms) {
  mock.timers.tick(ms);
  for (let turn = 0; turn < 50; turn++) await null;
}

/** A network that can be pulled: every request is written down. */
function pulled() {
  const site = { asked: [], isDown: true };
  site.fetchEpochs = async (first, count) => {
    site.asked.push(first);
    if (site.isDown) throw Object.assign(new Error("no network"), { status: 0 });
    return new ArrayBuffer(count * layout.record_size);
  };
  return site;
}

test("a block that does not come is asked for once in a while, however many pages are turned", async () => {
  const site = pulled();
  const store = new SignalStore({ layout, fetchEpochs: site.fetchEpochs });
  for (let turn = 0; turn < 300; turn++) {
    store.want(400 + (turn % 8));
    await pass(100);
  }
  const blocks = new Set(site.asked);
  assert.equal(blocks.size, 5);
  assert.ok(site.asked.length <= blocks.size * 12, `${site.asked.length} requests in half a minute`);
});

test("what was left behind is asked for no more, and what is near comes with the network", async () => {
  const site = pulled();
  const store = new SignalStore({ layout, fetchEpochs: site.fetchEpochs });
  for (let epoch = 100; epoch <= 500; epoch += 10) {
    store.want(epoch);
    await pass(50);
  }
  await pass(3_000);
  site.isDown = false;
  site.asked.length = 0;
  for (let tick = 0; tick < 5; tick++) await pass(3_000);
  assert.deepEqual(site.asked.toSorted((a, b) => a - b), [480, 488, 496, 504, 512]);
  assert.deepEqual([store.loaded(500), store.loaded(100)], [true, false]);
  store.want(100);
  await pass(0);
  assert.equal(store.loaded(100), true);
});

test("channels that stand for a derivation are named as the layout names them", () => {
  const standIns = { "C4-M1": "EEG Fpz-Cz" };
  assert.deepEqual(new SignalStore({ layout: { ...layout, stand_ins: standIns } }).standIns, standIns);
  assert.deepEqual(new SignalStore({ layout }).standIns, {});
});

test("a store says from which epoch on there is no signal, with what is kept in the browser", async () => {
  const site = pulled();
  site.isDown = false;
  const store = new SignalStore({ layout, fetchEpochs: site.fetchEpochs });
  await store.want(100); // blocks from 80 to 119
  assert.deepEqual([store.endFrom(100), store.endFrom(119), store.endFrom(120), store.endFrom(0)], [120, 120, 120, 0]);
  store.kept = { has: (first) => first >= 120, read: async () => null };
  assert.deepEqual([store.endFrom(100), store.endFrom(3)], [null, 3]);
  assert.deepEqual(store.blocks.ranges.at(-1), { first: 952, count: 8 });
  assert.equal(store.blocks.bytes, 960 * 8);
  const short = new SignalStore({ layout: { ...layout, epoch_count: 13 }, fetchEpochs: site.fetchEpochs });
  assert.deepEqual(short.blocks.ranges, [{ first: 0, count: 8 }, { first: 8, count: 5 }]);
});

test("what is kept in the browser is read before the server is asked, and the server where it is not", async () => {
  const site = pulled();
  const store = new SignalStore({ layout, fetchEpochs: site.fetchEpochs });
  const bytes = new ArrayBuffer(8 * layout.record_size);
  store.kept = { has: (first) => first === 0, read: async (first) => (first === 0 ? bytes : null) };
  await store.want(0);
  assert.deepEqual([store.loaded(0), store.loaded(8), site.asked.includes(0)], [true, false, false]);
});

test("a channel minus the mean of others is made of the counts and the scale of each", async () => {
  const channels = ["C4", "A1", "A2"].map((name, place) => (
    { name, unit: "uV", sfreq_hz: 1, scale_uv: [1, 0.5, 2][place], samples_per_epoch: 2, offset_bytes: 4 * place }));
  const counts = Int16Array.from([10, 20, 4, 8, 3, -5]);
  const raw = new RawView({
    layout: { epoch_count: 1, record_size: 12, channels, derivations: [] }, fetchEpochs: async () => counts.buffer,
  });
  raw.want(0);
  await pass(0);
  const made = (negatives) => [...rawEpochUv(raw.derivation(0, "any", {
    filters: false, notch: false, own: {}, source: { positive: "C4", negatives },
  }))];
  assert.deepEqual(made(["A1"]), [8, 16]);
  assert.deepEqual(made(["A1", "A2"]), [10 - (2 + 6) / 2, 20 - (4 - 10) / 2]);
});
