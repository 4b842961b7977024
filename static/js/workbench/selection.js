// The stretch being measured: where it is on its derivation, and how the keys move it.

import { EPOCH_S } from "./scale.js";

const SHORTEST_S = 0.05;

const rounded = (s) => Math.round(s * 100) / 100;
const clamped = (s, low, high) => Math.min(high, Math.max(low, s));

/** A stretch between two times in either order, held inside the epoch. */
export function between(derivation, fromS, toS) {
  const [start, end] = [fromS, toS].map((s) => rounded(clamped(s, 0, EPOCH_S))).sort((a, b) => a - b);
  return { derivation, startS: start, endS: end };
}

export function isLongEnough({ startS, endS }) {
  return endS - startS >= SHORTEST_S;
}

/** Moved as it is, stopping at the ends of the epoch. */
export function moved(selection, byS) {
  const by = clamped(byS, -selection.startS, EPOCH_S - selection.endS);
  return { ...selection, startS: rounded(selection.startS + by), endS: rounded(selection.endS + by) };
}

/** Wider or narrower at its end. */
export function widened(selection, byS) {
  return { ...selection, endS: rounded(clamped(selection.endS + byS, selection.startS + SHORTEST_S, EPOCH_S)) };
}

/** The same time on the derivation `by` bands further down. */
export function onBand(selection, bands, by) {
  const at = bands.findIndex((band) => band.name === selection.derivation);
  return { ...selection, derivation: bands[clamped(at + by, 0, bands.length - 1)].name };
}
