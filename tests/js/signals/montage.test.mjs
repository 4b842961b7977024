import assert from "node:assert/strict";
import { test } from "node:test";
import { bands, leftOutOf, needsRaw, rowsOf, soundRows } from "../../../static/js/signals/channels.js";
import { displayWords, shownWith, soundSettings } from "../../../static/js/signals/display.js";
import {
  MOST_MONTAGES, problemOfNewDifference, soundMontages, withDifference, withMontage,
} from "../../../static/js/signals/montage.js";
import { NIGHT_S } from "../../../static/js/signals/scale.js";

const eeg = (name, more = {}) => ({ name, unit: "uV", sfreq_hz: 256, ...more });
const derivation = (name) => ({ name, hidden: false, inverted: false, gain: 1 });
const difference = withDifference([], [derivation("C4-M1")], eeg("EEG C3"), [eeg("EEG O1")])[0];
const againstMean = withDifference([], [], eeg("C4"), [eeg("A1"), eeg("A2")])[0];

test("a difference needs a channel and others in µV with one sampling rate, and is there once", () => {
  const problem = (plus, minuses, rows = []) => problemOfNewDifference(plus, minuses, rows);
  assert.equal(problem(eeg("C3"), [eeg("O1")]), null);
  assert.equal(problem(eeg("C3"), [eeg("A1"), eeg("A2")]), null);
  assert.match(problem(eeg("C3"), []), /a channel and its reference/);
  assert.match(problem(eeg("C3"), [eeg("A1"), eeg("C3")]), /its own reference/);
  assert.match(problem(eeg("C3"), [eeg("Flow", { unit: "L/min" })]), /µV/);
  assert.match(problem(eeg("C3", { unit: "mV" }), [eeg("O1")]), /µV/);
  assert.match(problem(eeg("C3"), [eeg("A1"), eeg("A2", { sfreq_hz: 512 })]), /256 and 512/);
  assert.match(problem(eeg("EEG C3"), [eeg("EEG O1")], [difference]), /already/);
  assert.match(problem(eeg("C4"), [eeg("A1"), eeg("A2")], [againstMean]), /already/);
  assert.equal(problem(eeg("EEG O1"), [eeg("EEG C3")], [difference]), null);
});

test("the mean of several channels is a reference, which a row has as a list", () => {
  assert.deepEqual([againstMean.name, againstMean.minus], ["C4 − mean(A1, A2)", ["A1", "A2"]]);
  assert.equal(difference.minus, "EEG O1");
  const named = (minus) => ({ ...againstMean, minus, name: `C4 − mean(${minus})` });
  assert.deepEqual(soundRows([againstMean, difference]), [againstMean, difference]);
  assert.deepEqual(soundRows([[], ["A1"], ["A1", "A1"], ["A1", ""], ["A1", 2], { 0: "A1" }].map(named)), []);
  const drawn = (channels) => rowsOf({ derivations: [], extras: [], channels, rows: [againstMean] }).length;
  assert.equal(drawn([eeg("C4"), eeg("A1"), eeg("A2")]), 1);
  assert.equal(drawn([eeg("C4"), eeg("A1")]), 0);
});

test("a difference is passed over in a night without its channels, and comes back", () => {
  const night = { derivations: ["C4-M1"], extras: ["EEG C3", "ECG"], rows: [difference] };
  const names = (channels) => rowsOf({ ...night, channels }).filter(({ hidden }) => !hidden).map(({ name }) => name);
  assert.deepEqual(names([eeg("EEG C3"), eeg("EEG O1")]), ["EEG C3 − EEG O1", "C4-M1"]);
  assert.deepEqual(names([eeg("EEG C3")]), ["C4-M1"]);
});

test("a difference whose channels do not fit on another recording is passed over, and the dialog says why", () => {
  const unfit = [
    [eeg("EEG O1", { sfreq_hz: 128 }), /same sampling rate: here 256 and 128 Hz/],
    [eeg("EEG O1", { unit: "unknown" }), /in µV/],
    [eeg("EEG O1", { unit: "%" }), /in µV/],
    [eeg("EEG O2"), /does not have all/],
  ];
  for (const [other, why] of unfit) {
    const channels = [eeg("EEG C3"), other];
    const drawn = rowsOf({ derivations: ["C4-M1"], extras: [], channels, rows: [difference] });
    assert.deepEqual(drawn.map(({ name }) => name), ["C4-M1"]);
    const [words, ...more] = leftOutOf({ channels, rows: [difference, derivation("C4-M1")] });
    assert.match(words, why);
    assert.match(words, /^EEG C3 − EEG O1 is not drawn\./);
    assert.deepEqual(more, []);
  }
  assert.deepEqual(leftOutOf({ channels: [eeg("EEG C3"), eeg("EEG O1")], rows: [difference] }), []);
  assert.deepEqual(leftOutOf({ channels: [], rows: [{ ...difference, hidden: true }] }), []);
});

test("a difference has the name of its channels, and never that of a derivation", () => {
  const named = (name) => ({ ...difference, name });
  assert.deepEqual(soundRows([difference, ...["C4-M1", "EEG O1 − EEG C3", "x"].map(named)]), [difference]);
  assert.deepEqual(soundRows([{ ...difference, minus: undefined }, { ...derivation("Chin"), minus: "ECG" }]), []);
  assert.deepEqual(soundRows([{ ...difference, plus: "" }, { ...difference, plus: 3, minus: 4 }]), []);
});

test("a difference is drawn in µV with the filters of its kind, or with a person's", () => {
  const raw = { extras: [], channels: [eeg("EEG C3"), eeg("EEG O1")], mainsHz: 60, has: () => false };
  const signals = { derivations: [], has: () => false, hasRaw: true };
  const draw = (settings) => bands({
    signals, raw, settings: soundSettings({ rows: [difference], ...settings }), heightPx: 90, pxPerUv: 2,
    colourOf: (name) => name,
  })[0];
  const band = draw({});
  assert.deepEqual(band.raw.own, { low: 0.3, high: 35, notch: 60 });
  assert.deepEqual(band.raw.source, { positive: "EEG C3", negatives: ["EEG O1"] });
  assert.deepEqual([band.raw.isOwn, band.pxPerUv, band.isExtra], [false, 2, undefined]);
  const cut = { low: 1, high: null, notch: null };
  assert.deepEqual(draw({ cuts: { eeg: cut } }).raw.own, cut);
  assert.equal(needsRaw({ settings: soundSettings({ rows: [difference] }), signals }), true);
});

test("what is saved with a score names both channels of a difference", () => {
  const derivations = ["C4-M1"];
  const rowsOn = (drawn, ...rows) => shownWith(soundSettings({ rows }), { derivations, drawn, isRaw: true }).rows;
  assert.deepEqual(rowsOn([difference.name, "C4-M1"], difference), [difference]);
});

test("what is saved with a score names nothing that was not drawn, but derivations that were hidden", () => {
  const derivations = ["C4-M1"];
  const hidden = { ...derivation("C4-M1"), hidden: true };
  const settings = soundSettings({ rows: [difference, derivation("ECG"), derivation("Flow"), hidden] });
  const on = { derivations, drawn: ["ECG"], isRaw: true };
  assert.deepEqual(shownWith(settings, on).rows, [derivation("ECG"), hidden]);
  assert.deepEqual(shownWith({ ...settings, model: true }, on).rows, []);
});

test("no filter is said to be off, on the page or with a score, where the traces are filtered", () => {
  const settings = soundSettings({ filters: false, cuts: { eeg: { low: 1, high: null, notch: null } } });
  const on = (page, isRaw) => {
    const { filters, notch, cuts } = shownWith({ ...settings, ...page }, { derivations: [], drawn: [], isRaw });
    return [filters, notch, cuts];
  };
  assert.deepEqual(on({}, true), [false, true, settings.cuts]);
  for (const [page, isRaw] of [[{}, false], [{ pageS: NIGHT_S }, true], [{ model: true }, true]])
    assert.deepEqual(on(page, isRaw), [true, true, {}]);
  assert.equal(displayWords(settings, { hasRaw: true }), "filters off; EEG 1-∞ Hz, no notch");
  assert.equal(displayWords(settings, { hasRaw: false }), "filtered here");
  const rows = [{ ...derivation("Chin"), hidden: true }, difference];
  assert.equal(displayWords({ ...settings, rows, pageS: NIGHT_S }, { hasRaw: true }), "filtered here; 1 hidden");
  assert.equal(displayWords(soundSettings({ pageS: NIGHT_S, rows }), { hasRaw: true }), "1 hidden");
  assert.equal(needsRaw({ settings, signals: { derivations: [], hasRaw: false } }), false);
});

test("the status line says how the channels differ from the standard display", () => {
  const row = (name, patch) => ({ ...derivation(name), ...patch });
  const words = (...rows) => displayWords(soundSettings({ rows }), { hasRaw: true });
  assert.equal(words(), "");
  assert.equal(displayWords(soundSettings({ rows: [difference], notch: false, model: true }), { hasRaw: true }), "");
  assert.equal(words(row("C4-M1"), row("ECG"), row("EMG Legs", { hidden: true })), "");
  const some = [row("C4-M1", { hidden: true, gain: 2 }), row("Chin", { inverted: true }), row("O2-M1", { gain: 2 })];
  assert.equal(words(...some, difference), "1 hidden, 1 inverted, 1 resized, 1 difference");
  const other = withDifference([], [], eeg("EEG O1"), [eeg("EEG C3")])[0];
  const filtered = soundSettings({ notch: false, rows: [difference, other] });
  assert.equal(displayWords(filtered, { hasRaw: true }), "notch off; 2 differences");
});

test("montages replace one of the same name, up to the most there may be", () => {
  const montage = (name, rows = []) => ({ name, rows, cuts: {} });
  assert.deepEqual(withMontage([montage("a")], montage("a", [difference])), [montage("a", [difference])]);
  const full = Array.from({ length: MOST_MONTAGES }, (_, i) => montage(String(i)));
  assert.equal(withMontage(full, montage("new")), null);
  assert.equal(withMontage(full, montage("3", [difference])).length, MOST_MONTAGES);
  assert.equal(withMontage([], montage("large", Array(300).fill(difference))), null);
});

test("what is no montage is left out, and what is no row in one", () => {
  const rows = [{ name: "a", gain: 1, plus: "b" }, 4];
  const broken = [null, 3, { name: " " }, { name: 1 }, { name: "x", rows, cuts: 2 }];
  assert.deepEqual(soundMontages(broken), [{ name: "x", rows: [], cuts: {} }]);
  assert.deepEqual(soundMontages("no"), []);
});
