// On which signal waves are measured: the one on screen, and evidence says which that was.

import { rawEpochUv } from "./filters.js";
import { cut, measure } from "./measure.js";

const WORDS = { raw: "unfiltered", notch: "without band-pass", "band-pass": "without notch" };

/** "unfiltered", or what was left out; empty for the filtered signal, which goes without saying. */
export function signalWords(signal) {
  return WORDS[signal] ?? "";
}

function signalName({ filters, notch }) {
  if (filters) return notch ? "filtered" : "band-pass";
  return notch ? "notch" : "raw";
}

/**
 * The samples of a band as drawn, one epoch long, with their unit and what was done to them; null while not here.
 *
 * @returns {?{samples: Int16Array|Float32Array, scaleUv: number, sfreqHz: number, signal: string}}
 */
export function measuredSamples(band, epoch, { signals, raw }) {
  if (band.raw) return raw.loaded(epoch) ? ofRaw(raw.derivation(epoch, band.name, band.raw), signalName(band.raw)) : null;
  const store = band.signals ?? signals;
  const samples = store.samples(epoch, band.channel);
  const { sfreq_hz: sfreqHz, scale_uv: scaleUv } = store.channel(band.channel);
  return samples && { samples, scaleUv, sfreqHz, signal: band.isExtra ? "raw" : "filtered" };
}

/** What is measured on a stretch as `traces` draws it, {values, signal, sfreqHz}; empty while the signal is not here. */
export function valuesOf({ derivation, startS, endS }, traces) {
  const measured = traces.samplesOf(derivation);
  if (!measured) return {};
  const values = measure(cut({ ...measured, startS, endS }), measured.sfreqHz, { isMuscle: derivation === "Chin" });
  return { values, signal: measured.signal, sfreqHz: measured.sfreqHz };
}

function ofRaw(raw, signal) {
  return { samples: rawEpochUv(raw), scaleUv: 1, sfreqHz: raw.sfreqHz, signal };
}
