// How this person likes to look at signals; remembered in the browser and sent along with each score.

import { advanceSetting } from "./advance.js";
import { GAINS_UV_PER_MM, PAGES_S, isNight, stepped } from "./scale.js";

const PLACE = "epochwise.display";
export const DEFAULTS = {
  gainUvPerMm: 7, pageS: 30, negativeUp: true, model: false, sides: true,
  filters: true, notch: true, colours: "quiet", rows: [], candidates: false,
  advanceCoarse: true, advanceFine: false, padGoesOn: false,
};

export function loadSettings() {
  try {
    return soundSettings(JSON.parse(localStorage.getItem(PLACE)));
  } catch {
    return { ...DEFAULTS };
  }
}

/** Settings from elsewhere over the defaults; what is not of the kind expected is left out. */
export function soundSettings(kept) {
  const fits = ([name, value]) => name in DEFAULTS && typeof value === typeof DEFAULTS[name] && value !== null;
  const settings = { ...DEFAULTS, ...Object.fromEntries(Object.entries(kept ?? {}).filter(fits)) };
  return { ...settings, rows: Array.isArray(settings.rows) ? settings.rows.filter(isRow) : [] };
}

function isRow(row) {
  return typeof row?.name === "string" && Number.isFinite(row.gain) && row.gain > 0;
}

export function keepSettings(settings) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // Not remembered for next time; nothing else depends on it.
  }
}

/** The settings after an action of the key map, or null when it is not about them. */
export function changed(settings, action, track = "coarse") {
  const advance = advanceSetting(track);
  const steps = {
    "gain:up": { gainUvPerMm: stepped(GAINS_UV_PER_MM, settings.gainUvPerMm, -1) },
    "gain:down": { gainUvPerMm: stepped(GAINS_UV_PER_MM, settings.gainUvPerMm, 1) },
    "page:shorter": { pageS: stepped(PAGES_S, settings.pageS, -1) },
    "page:longer": { pageS: stepped(PAGES_S, settings.pageS, 1) },
    polarity: { negativeUp: !settings.negativeUp },
    model: { model: !settings.model },
    sides: { sides: !settings.sides },
    advance: { [advance]: !settings[advance] },
    filters: { filters: !settings.filters },
    notch: { notch: !settings.notch },
    colours: { colours: settings.colours === "quiet" ? "published" : "quiet" },
  };
  return action in steps ? { ...settings, ...steps[action] } : null;
}

/** What was on screen, in the words of the server. */
export function shownWith(settings, derivations) {
  const isFiltered = settings.model || isNight(settings.pageS);
  return {
    view: settings.model ? "model" : "human",
    negative_up: !settings.model && settings.negativeUp,
    gain_uv_per_mm: settings.model ? null : settings.gainUvPerMm,
    page_s: isNight(settings.pageS) ? "night" : settings.pageS,
    neighbours: settings.sides,
    filters: isFiltered || settings.filters,
    notch: isFiltered || settings.notch,
    colours: settings.model ? "published" : settings.colours,
    rows: settings.model ? [] : settings.rows.filter(({ name, hidden, inverted, gain }) =>
      derivations.includes(name) ? hidden || inverted || gain !== 1 : !hidden),
    derivations,
  };
}

/** Where no night is scored, how a stage key goes on is kept for the next one. */
export function stageKeysElsewhere(api, settings = loadSettings()) {
  return {
    stageKeys: () => settings,
    onStageKeys: (patch) => {
      settings = { ...settings, ...patch };
      keepSettings(settings);
      return api.keepPreferences("display", settings);
    },
  };
}
