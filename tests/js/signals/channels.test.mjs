import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cutWords, kindOf, needsRaw, problemOf, recommended, soundCuts,
} from "../../../static/js/signals/channels.js";
import { filterWords, soundSettings } from "../../../static/js/signals/display.js";

test("channels are filtered by their kind, which their label gives", () => {
  const labels = {
    "C4-M1": "eeg", "EEG Fpz-Cz": "eeg", "E1-M2": "eog", "EOG horizontal": "eog", Chin: "emg", "LEG/L": "emg",
    ECG: "ecg", EKG1: "ecg", "Nasal Pressure": "resp", "Resp Thorax": "resp", Flow: "resp", SpO2: "other",
  };
  for (const [label, kind] of Object.entries(labels)) assert.equal(kindOf(label), kind, label);
});

test("each side of a filter is a value or off, and what makes no filter is left out", () => {
  const cut = { low: 0.5, high: null, notch: 60 };
  const kept = { eeg: cut, eog: { low: 40, high: 30 }, odd: cut, ecg: { low: "x" }, resp: null, other: { high: 9 } };
  assert.deepEqual(soundCuts(kept), { eeg: cut, other: { low: null, high: 9, notch: null } });
  assert.match(problemOf({ low: 35, high: 35, notch: null }), /below the high cut/);
  assert.match(problemOf({ low: 0.01, high: null, notch: null }), /0\.1 to 500/);
  assert.equal(problemOf({ low: null, high: null, notch: null }), null);
});

test("the status line says which filters differ from the stored ones", () => {
  assert.equal(cutWords({}), "");
  assert.equal(cutWords({ ecg: { low: 0.3, high: 70, notch: 50 } }), "");
  assert.equal(cutWords({ eeg: { low: 0.5, high: 70, notch: null } }), "EEG 0.5-70 Hz, no notch");
  const both = { eeg: { low: null, high: null, notch: 60 }, emg: { low: 10, high: null, notch: null } };
  assert.equal(cutWords(both), "EEG unfiltered, notch 60; EMG 10-∞ Hz, no notch");
  const settings = soundSettings({ cuts: both, notch: false });
  assert.equal(filterWords(settings), "notch off; EEG unfiltered, notch 60; EMG 10-∞ Hz, no notch");
  assert.equal(filterWords(soundSettings({})), "");
});

test("own filters are drawn from the unfiltered channels, and images of models never are", () => {
  const signals = { derivations: ["C4-M1"], hasRaw: true };
  const settings = soundSettings({ cuts: { eeg: { low: 1, high: 30, notch: null } } });
  assert.equal(needsRaw({ settings, signals }), true);
  assert.equal(needsRaw({ settings: { ...settings, model: true }, signals }), false);
  assert.equal(needsRaw({ settings: soundSettings({ cuts: { ecg: { low: 1 } } }), signals }), false);
});

test("the recommended filters have a notch at the mains of the recording", () => {
  assert.deepEqual(recommended(60).resp, { low: 0.1, high: 15, notch: 60 });
  assert.deepEqual(Object.keys(recommended(50)), ["emg", "ecg", "resp"]);
});
