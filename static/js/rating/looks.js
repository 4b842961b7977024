// How a rater likes to look at items; remembered in this browser. Everybody begins with the same look, not with
// the one of their own scorings, and a phone has a look of its own.

import { DEFAULTS, soundSettings } from "../workbench/settings.js";

const PLACE = "epochwise.rating";
const NARROW_PAGE_S = 10;
export const NARROW = matchMedia("(max-width: 720px)");

function place() {
  return NARROW.matches ? `${PLACE}.narrow` : PLACE;
}

/** {view, settings}: `view` is "signal" or "image". */
export function loadLook() {
  const first = NARROW.matches ? { ...DEFAULTS, pageS: NARROW_PAGE_S, sides: false } : DEFAULTS;
  try {
    const { view, settings } = JSON.parse(localStorage.getItem(place())) ?? {};
    return { view: view === "image" ? "image" : "signal", settings: soundSettings({ ...first, ...settings }) };
  } catch {
    return { view: "signal", settings: { ...first } };
  }
}

export function keepLook(look) {
  try {
    localStorage.setItem(place(), JSON.stringify(look));
  } catch {
    // Not remembered for next time; nothing else depends on it.
  }
}
