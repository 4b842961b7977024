// The display settings in force, in the words of the foot and as what the traces are styled by.

import { advanceSetting } from "./advance.js";
import { setText } from "./dom.js";
import { EPOCH_S, isNight, pageName } from "./scale.js";

export function showSettings(parts, settings, { track, mode }) {
  const { gainUvPerMm, pageS, negativeUp, model, sides } = settings;
  setText(parts.page, pageName(pageS));
  setText(parts.gain, model ? "±50 µV a band" : `${gainUvPerMm} µV/mm`);
  setText(parts.polarity, model || !negativeUp ? "positive up" : "negative up");
  showFilters(parts.display, settings);
  setText(parts.advance, settings[advanceSetting(track)] ? `stage key: ${mode === "reveal" ? "lock" : "next epoch"}` : "stage key: stay");
  parts.model.setAttribute("aria-pressed", String(model));
  parts.sides.setAttribute("aria-pressed", String(sides));
  styleTraces(parts.traces, settings);
}

/** What is switched off; the whole night is drawn filtered all the same, which is said then. */
function filtersOff({ filters, notch, model }) {
  return model ? [] : [filters ? "" : "filters", notch ? "" : "notch"].filter(Boolean);
}

function showFilters(button, settings) {
  const off = filtersOff(settings);
  setText(button, off.length ? isNight(settings.pageS) ? "filtered here" : `${off.join(" and ")} off` : "display");
  button.toggleAttribute("data-off", off.length > 0);
}

function styleTraces(traces, settings) {
  const { model, colours, sides, pageS } = settings;
  traces.toggleAttribute("data-filtered", isNight(pageS) && filtersOff(settings).length > 0);
  traces.toggleAttribute("data-model", model);
  traces.toggleAttribute("data-black", model || colours === "published");
  traces.toggleAttribute("data-alone", !sides || pageS !== EPOCH_S);
}
