import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, fitted, NightEnvelope } from "../../../static/js/signals/night.js";

test("each column covers its stretches, and neighbours touch", () => {
  const night = { lows: Int16Array.of(-5, -9, 20, 30), highs: Int16Array.of(5, 9, 25, 40) };
  const { lows, highs } = columns(night, 2);
  assert.deepEqual([[...lows], [...highs]], [[-9, 9], [9, 40]]);
});

test("a short night repeats its stretches rather than leaving columns out", () => {
  const { lows, highs } = columns({ lows: Int16Array.of(1, 7), highs: Int16Array.of(2, 8) }, 4);
  assert.deepEqual([[...lows], [...highs]], [[1, 1, 2, 7], [2, 2, 8, 8]]);
});

test("a channel is fitted to its band without its rarest values", () => {
  const lows = new Int16Array(1000).fill(90);
  const highs = new Int16Array(1000).fill(98);
  [lows[3], highs[4]] = [0, 3000];
  assert.deepEqual(fitted({ lows, highs }, 100), { middle: 94, pxPerCount: 60 / 8 });
});

test("a store is fetched once and its channels are found by their place", async () => {
  const asked = [];
  const counts = Int16Array.of(1, 2, 3, 4, -1, 1, -3, 3);
  const envelope = new NightEnvelope({ fetch: async (view) => asked.push(view) && counts.buffer });
  assert.equal(envelope.channel("scored", ["C4", "Chin"], "Chin"), null);
  await new Promise((done) => envelope.addEventListener("ready", done, { once: true }));
  const { lows, highs } = envelope.channel("scored", ["C4", "Chin"], "Chin");
  assert.deepEqual([[...lows], [...highs], asked], [[-1, -3], [1, 3], ["scored"]]);
});
