import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { SignalStore } from "../../../static/js/signals/records.js";

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
