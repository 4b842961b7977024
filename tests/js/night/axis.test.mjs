// The time axis of a recording: what each row says, where clicks lead, and how it zooms.

import assert from "node:assert/strict";
import test from "node:test";
import { addressOf, figureOf, rowsOf, saysOf, short, timeOf, zoomed } from "../../../static/js/night/axis.js";

const scorer = (label, stages, more = {}) => ({ label, note: "", stages, address: `/${label}/`, shown: true, ...more });

const AXIS = {
  epochs: 4, start_s: 86_385, spectrogram: "/s.png", signals: "/signals/", differ: [0, 1, 0, 1], given: [2, 2, 2, 3],
  lights: [1], events: [{ label: "Arousals", counts: [0, 2, 0, 0] }],
  scorers: [scorer("Consensus", "W12R"), scorer("A", "W1.3"), scorer("B", "WWRR", { shown: false, note: "model" })],
};
const INK = {
  stages: { W: "w", R: "r", 1: "n1", 2: "n2", 3: "n3" }, step: "s", grid: "g", danger: "d", event: "e", warning: "o",
};
const figure = (axis, all = false) => figureOf(axis, { all, most: 20 }, INK);

test("time goes over midnight, and counts from the start where no clock is known", () => {
  assert.equal(timeOf(AXIS, 0), "23:59:45");
  assert.equal(timeOf(AXIS, 1), "00:00:15");
  assert.equal(timeOf({ start_s: null }, 3000), "25:00:00");
});

test("others are strips on request, close together", () => {
  const kinds = (all) => rowsOf(AXIS, { all }).map(({ kind }) => kind);
  assert.deepEqual(kinds(false), ["spectrogram", "hypnogram", "hypnogram", "band", "band"]);
  assert.deepEqual(kinds(true), ["spectrogram", "hypnogram", "hypnogram", "strip", "band", "band"]);
  const tops = rowsOf({ ...AXIS, scorers: AXIS.scorers.map((row) => ({ ...row, shown: false })) }, { all: true })
    .filter(({ kind }) => kind === "strip").map(({ top, height }) => [top, height]);
  assert.equal(tops[1][0], tops[0][0] + tops[0][1]);
});

test("a row says what it is at an epoch, and a name is never markup", () => {
  const rows = rowsOf(AXIS, { all: true });
  const says = (label, epoch) => saysOf(AXIS, rows.find((row) => row.label === label), epoch);
  assert.equal(says("A", 2), "Epoch 3, 00:00:45<br>A: not scored");
  assert.equal(says("B", 3), "Epoch 4, 00:01:15<br>B (model): R");
  assert.match(says("Disagreement", 3), /1 of 3 scorers are not in the majority/);
  assert.match(says("Arousals", 1), /Arousals: 2$/);
  const hostile = { kind: "strip", label: "<b>x&", scorer: scorer("<b>x&", "W") };
  assert.match(saysOf(AXIS, hostile, 0), /<br>&lt;b>x&amp;: W$/);
});

test("a click opens the scoring of the row, else the signals, at the epoch", () => {
  const rows = rowsOf(AXIS, { all: true });
  assert.equal(addressOf(AXIS, rows[1], 2), "/Consensus/?epoch=2");
  assert.equal(addressOf(AXIS, rows[0], 2), "/signals/?epoch=2");
  assert.equal(addressOf({ ...AXIS, signals: "" }, rows[0], 2), "");
});

test("no line is drawn to or from what is not scored", () => {
  const steps = figure(AXIS).data.find(({ line }) => line?.color === "s");
  // Consensus has three steps; A has W to 1 alone.
  assert.equal(steps.x.filter((x) => x === null).length, 4);
  const rem = figure(AXIS).data.find(({ line }) => line?.color === "r");
  assert.equal(rem.line.width, 5);
});

test("zooming moves time alone, and names are cut", () => {
  const { layout, data } = figure(AXIS, true);
  assert.equal(layout.yaxis.fixedrange, true);
  assert.equal(layout.xaxis.type, "date");
  assert.equal(data.at(-1).text.length, rowsOf(AXIS, { all: true }).length);
  assert.equal(figure({ ...AXIS, start_s: null }).layout.xaxis.type, "linear");
  assert.equal(short("E".repeat(5000), 22).length, 22);
  assert.equal(short("שלום", 22), "שלום");
});

test("an axis without scorings has its spectrogram, and one of stages alone has no picture", () => {
  const blank = { ...AXIS, scorers: [], given: [], differ: [], events: [] };
  assert.equal(figure(blank).layout.images.length, 1);
  assert.equal(figure({ ...AXIS, spectrogram: "" }).layout.images.length, 0);
});

test("buttons zoom and move within the recording", () => {
  assert.deepEqual(zoomed([0, 100], [0, 100], "in"), [25, 75]);
  assert.deepEqual(zoomed([25, 75], [0, 100], "out"), [0, 100]);
  assert.deepEqual(zoomed([25, 75], [0, 100], "later"), [50, 100]);
  assert.deepEqual(zoomed([25, 75], [0, 100], "earlier"), [0, 50]);
  assert.deepEqual(zoomed([60, 70], [0, 100], "all"), [0, 100]);
});
