// How this person likes to look at signals; remembered in the browser and sent along with each score.

import { GAINS_UV_PER_MM, PAGES_S, stepped } from "./scale.js";

const PLACE = "epochwise.display";
const DEFAULTS = { gainUvPerMm: 7, pageS: 30, negativeUp: true, model: false, sides: true, advance: true };

export function loadSettings() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(PLACE)) };
  } catch {
    return { ...DEFAULTS };
  }
}

export function keepSettings(settings) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // Not remembered for next time; nothing else depends on it.
  }
}

/** The settings after an action of the key map, or null when it is not about the display. */
export function changed(settings, action) {
  const steps = {
    "gain:up": { gainUvPerMm: stepped(GAINS_UV_PER_MM, settings.gainUvPerMm, -1) },
    "gain:down": { gainUvPerMm: stepped(GAINS_UV_PER_MM, settings.gainUvPerMm, 1) },
    "page:shorter": { pageS: stepped(PAGES_S, settings.pageS, -1) },
    "page:longer": { pageS: stepped(PAGES_S, settings.pageS, 1) },
    polarity: { negativeUp: !settings.negativeUp },
    model: { model: !settings.model },
    sides: { sides: !settings.sides },
    advance: { advance: !settings.advance },
  };
  return action in steps ? { ...settings, ...steps[action] } : null;
}

/** What was on screen, in the words of the server. */
export function shownWith(settings, derivations) {
  return {
    view: settings.model ? "model" : "human",
    negative_up: !settings.model && settings.negativeUp,
    gain_uv_per_mm: settings.model ? null : settings.gainUvPerMm,
    page_s: settings.pageS,
    neighbours: settings.sides,
    derivations,
  };
}
