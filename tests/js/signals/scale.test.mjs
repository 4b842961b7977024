import assert from "node:assert/strict";
import { test } from "node:test";
import { traceColumns, TracePixels, tracePoints } from "../../../static/js/signals/samples.js";
import {
  GAINS_UV_PER_MM, layOut, layOutNight, NIGHT_S, pageName, PAGES_S, pageStart, partCount, scaleBarUv, stepped,
  visibleOffsets,
} from "../../../static/js/signals/scale.js";

test("gain steps stop at both ends of the list", () => {
  assert.equal(stepped(GAINS_UV_PER_MM, 7, -1), 5);
  assert.equal(stepped(GAINS_UV_PER_MM, 1, -1), 1);
  assert.equal(stepped(GAINS_UV_PER_MM, 100, 1), 100);
});

test("a scale bar is the largest round number that fits", () => {
  assert.equal(scaleBarUv(0.5, 60), 100);
  assert.equal(scaleBarUv(0.5, 49), 50);
  assert.equal(scaleBarUv(3, 60), 20);
});

test("few samples are all drawn, the last of them where the epoch ends", () => {
  const points = tracePoints(Int16Array.of(1, 2, 3), 100, 100);
  assert.equal(points.count, 3);
  assert.equal(points.x[2], 100);
});

test("many samples keep every peak and trough, in the order they came", () => {
  const samples = Int16Array.from({ length: 6000 }, (_, i) => Math.round(1000 * Math.sin(i / 7)));
  samples[3001] = 9000;
  samples[4001] = -9000;
  const points = tracePoints(samples, 500, 500);
  const kept = [...points.y.slice(0, points.count)];
  assert.ok(points.count <= 2 * 501);
  assert.equal(Math.max(...kept), 9000);
  assert.equal(Math.min(...kept), -9000);
  const times = [...points.x.slice(0, points.count)];
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

test("each column covers the range of its own samples", () => {
  const samples = Int16Array.from({ length: 4000 }, (_, i) => (i * 7919) % 501);
  const { x, y, count } = tracePoints(samples, 400, 400);
  const column = 123;
  const inside = [...samples].filter((_, i) => Math.floor((i * 400) / 3999) === column);
  const drawn = [...y.slice(0, count)].filter((_, i) => Math.floor(x[i]) === column);
  assert.equal(Math.max(...drawn), Math.max(...inside));
  assert.equal(Math.min(...drawn), Math.min(...inside));
});

const columnsOf = (samples, width, spanPx, place = {}) => {
  const points = tracePoints(samples, width, spanPx);
  const ends = traceColumns(points, { width, pxPerCount: -1, centrePx: 100, line: 1, ...place });
  return { tops: [...ends.slice(0, width)], bottoms: [...ends.slice(width)] };
};

test("a level line is as high as it is wide, around the middle of its band", () => {
  const { tops, bottoms } = columnsOf(Int16Array.of(0, 0, 0), 10, 10, { line: 2 });
  assert.deepEqual([...new Set(tops)], [99]);
  assert.deepEqual([...new Set(bottoms)], [101]);
});

test("columns next to each other touch, whatever the signal does", () => {
  const samples = Int16Array.from({ length: 800 }, (_, i) => (i * 7919) % 301);
  for (const width of [90, 400, 3000]) {
    const { tops, bottoms } = columnsOf(samples, width, width);
    for (let column = 1; column < width; column++)
      assert.ok(tops[column] <= bottoms[column - 1] && tops[column - 1] <= bottoms[column], `${width}: ${column}`);
  }
});

test("a peak between two columns reaches as far as its sample, up for negative scales", () => {
  const samples = new Int16Array(3000);
  samples[1500] = 80;
  const { tops, bottoms } = columnsOf(samples, 500, 500);
  assert.ok(Math.abs(Math.min(...tops) - 20) < 0.1);
  assert.ok(Math.max(...bottoms) < 101);
});

test("a slanted line is as heavy as a stroke of its width", () => {
  const { tops, bottoms } = columnsOf(Int16Array.of(0, 100), 100, 100);
  assert.ok(Math.abs(bottoms[50] - tops[50] - Math.SQRT2) < 1e-4);
});

test("where the signal ends no column is covered", () => {
  const { tops, bottoms } = columnsOf(Int16Array.of(0, 0), 10, 5);
  assert.deepEqual([tops[8], bottoms[8]], [0, 0]);
  assert.notEqual(tops[2], bottoms[2]);
});

/** The pixels of a picture of 2 x 4 after `draw`, each as opacity and ink, row by row. */
function pixelsAfter(draw) {
  globalThis.ImageData = class {
    constructor(width, height) {
      Object.assign(this, { width, height, data: new Uint8ClampedArray(4 * width * height) });
    }
  };
  const pixels = new TracePixels();
  pixels.clear({ width: 2, height: 4 });
  draw(pixels);
  let shown = null;
  pixels.show({ putImageData: (image) => (shown = new Uint32Array(image.data.buffer)) });
  return [...shown].map((pixel) => [pixel >>> 24, pixel & 0xffffff]);
}

test("a pixel is as opaque as the trace covers it, and a trace ends at the edge of the canvas", () => {
  const place = { x: 0, from: 0, to: 2, ink: 7, strength: 1 };
  const pixels = pixelsAfter((picture) => picture.draw(Float32Array.of(1.5, -9, 3, 1), place));
  assert.deepEqual(pixels, [[0, 0], [255, 7], [128, 7], [0, 0], [255, 7], [0, 0], [0, 0], [0, 0]]);
});

test("where traces lie over each other the one that covers more is seen, whichever is drawn first", () => {
  const [faint, full] = [{ ink: 1, strength: 0.36 }, { ink: 2, strength: 1 }];
  for (const order of [[faint, full], [full, faint]]) {
    const pixels = pixelsAfter((picture) => {
      for (const look of order) picture.draw(Float32Array.of(0, 0, 4, 0), { x: 0, from: 0, to: 2, ...look });
    });
    assert.deepEqual(pixels[0], [255, 2]);
    assert.deepEqual(pixels[1], [0, 0]);
  }
});

test("a long page centres the epoch and a short one walks through it", () => {
  assert.equal(pageStart(30, 0), 0);
  assert.equal(pageStart(60, 0), -15);
  assert.equal(pageStart(10, 2), 20);
  assert.deepEqual([10, 15, 30, 300].map(partCount), [3, 2, 1, 1]);
});

test("a 30-s page shows its epoch whole, with the ends of both neighbours", () => {
  const page = layOut({ width: 1400, height: 540, pageS: 30, part: 0, sides: true });
  assert.deepEqual(page.lit, { from: page.epochX, to: page.epochX + page.epochPx });
  assert.deepEqual(visibleOffsets(page), [-1, 0, 1]);
});

test("folded sides leave the epoch alone on the page", () => {
  const page = layOut({ width: 1400, height: 540, pageS: 30, part: 0, sides: false });
  assert.deepEqual(visibleOffsets(page), [0]);
});

test("the last part of a short page is followed by the next epoch", () => {
  const page = layOut({ width: 1400, height: 540, pageS: 10, part: 2, sides: true });
  assert.deepEqual(visibleOffsets(page), [0, 1]);
  assert.equal(page.lit.to, page.sidePx + page.mainPx);
});

test("a long page stays inside the night, and the epoch leaves its middle at the ends", () => {
  const at = (epoch) => pageStart(300, 0, { epoch, epochCount: 100 });
  assert.deepEqual([0, 2, 50, 99].map(at), [-0, -60, -135, -270]);
  assert.equal(pageStart(300, 0, { epoch: 3, epochCount: 5 }), -90);
  const last = layOut({
    width: 1400, height: 540, pageS: 300, part: 0, sides: false, night: { epoch: 99, epochCount: 100 },
  });
  assert.equal(last.lit.to, 1400);
  const short = layOut({
    width: 1400, height: 540, pageS: 300, part: 0, sides: false, night: { epoch: 0, epochCount: 5 },
  });
  assert.equal(short.rightX, 700);
});

test("the page of the whole night comes after the longest and goes from edge to edge", () => {
  assert.equal(pageName(stepped(PAGES_S, 300, 1)), "whole night");
  assert.deepEqual([5, 60, 300].map(pageName), ["5 s page", "1 min page", "5 min page"]);
  assert.equal(stepped(PAGES_S, NIGHT_S, -1), 300);
  const page = layOutNight({ width: 1400, height: 540, epochCount: 100 });
  assert.equal(page.epochX + 100 * page.epochPx, 1400);
});
