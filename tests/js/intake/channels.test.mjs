import assert from "node:assert/strict";
import { test } from "node:test";
import { sourcesOf } from "../../../static/js/intake/channels.js";
import { bandsOf } from "../../../static/js/intake/preview.js";

const channel = (label, values, unit = "uV") => ({ label, unit, sfreq_hz: 1, values });
const signals = {
  channels: [channel("A", [3, 5]), channel("B", [1, 1]), channel("C", [0, 0, 0]), channel("D", [1, 3], "")],
};
const bandOf = (name, source) => bandsOf(signals, { [name]: source }).find((band) => band.name === name);

test("a derivation is the difference of its channels", () => {
  assert.deepEqual(bandOf("C4-M1", { positive: "A", negative: "B" }).values, [2, 4]);
  assert.deepEqual(bandOf("C4-M1", { positive: "A", negative: "" }).values, [3, 5]);
});

test("what cannot be drawn says why", () => {
  assert.match(bandOf("C4-M1", { positive: "A", negative: "C" }).words, /different rates/);
  assert.match(bandOf("C4-M1", { positive: "X", negative: "" }).words, /no preview/);
  assert.equal(bandOf("C4-M1", null).words, "not in this recording");
  assert.match(bandOf("C4-M1", undefined).words, /when saved/);
});

test("a voltage has its usual scale, anything else fills its band", () => {
  assert.equal(bandOf("Chin", { positive: "A", negative: "" }).half, 40);
  assert.equal(bandOf("E1-M2", { positive: "A", negative: "" }).half, 75);
  assert.equal(bandOf("E1-M2", { positive: "D", negative: "" }).half, 1);
});

test("a map of a person goes before the labels, also where it says that there is none", () => {
  const night = {
    facts: { derivations: { "C4-M1": { label: "EEG 1 - EEG 2" }, Chin: { label: "EMG" } } },
    decisions: { channels: { Chin: null, "E1-M2": { positive: "X", negative: "" } } },
  };
  const sources = sourcesOf(night);
  assert.deepEqual(sources["C4-M1"], { positive: "EEG 1", negative: "EEG 2" });
  assert.equal(sources.Chin, null);
  assert.deepEqual(sources["E1-M2"], { positive: "X", negative: "" });
  assert.equal(sources["F4-M1"], null);
});
