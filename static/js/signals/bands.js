// How each derivation is drawn, for people and as the model's images have it.

import { kindOf } from "./cuts.js";
import { rowsOf } from "./display.js";

const KINDS = { "F4-M1": "brain", "C4-M1": "brain", "O2-M1": "brain", "E1-M2": "eye", "E2-M2": "eye", Chin: "muscle" };
const CUT_KINDS = { brain: "eeg", eye: "eog", muscle: "emg" };
export const DERIVATIONS = Object.keys(KINDS);
const HUMAN_COLOURS = { brain: "--trace-line", eye: "--trace-eye", muscle: "--trace-muscle" };

// The published image specification: colours, and the amplitude of half a band.
const MODEL_COLOURS = {
  "F4-M1": "#ffff00", "C4-M1": "#00ff00", "O2-M1": "#ff0000",
  "E1-M2": "#00ffff", "E2-M2": "#ff00ff", Chin: "#0000ff",
};
const MODEL_HALF_BAND_UV = { brain: 50, eye: 50, muscle: 40 };

/** Whether the ground is the black of the published images, whatever the theme. */
export function onBlack({ model, colours }) {
  return model || colours === "published";
}

/** The derivations or channels on the page, top to bottom; `raw` is the raw view, or null while it is not here. */
function shownRows({ signals, raw, settings }) {
  if (settings.model) return rowsOf({ derivations: signals.derivations, extras: [], rows: [] });
  const rows = rowsOf({ derivations: signals.derivations, extras: raw?.extras ?? [], rows: settings.rows });
  return rows.filter(({ hidden }) => !hidden);
}

/** Whether this page needs more than the filtered store. */
export function needsRaw({ settings, signals }) {
  if (settings.model) return false;
  const derivations = new Set(signals.derivations);
  return (
    !settings.filters || !settings.notch || Object.values(CUT_KINDS).some((kind) => settings.cuts[kind]) ||
    settings.rows.some(({ name, hidden }) => !hidden && !derivations.has(name))
  );
}

/**
 * Bands from top to bottom: which channel, its colour, and pixels a microvolt (negative draws upwards).
 * People get the chin at its native rate, for at 100 Hz it is aliased; the model never saw that rate.
 */
export function bands({ signals, raw, settings, heightPx, pxPerUv, colourOf }) {
  const rows = shownRows({ signals, raw, settings });
  const bandPx = heightPx / rows.length;
  const page = { signals, raw, settings, bandPx, pxPerUv, colourOf };
  return rows.map((row, index) => {
    const place = { name: row.name, centrePx: (index + 0.5) * bandPx, heightPx: bandPx };
    return { ...place, ...(KINDS[row.name] ? derivationBand(row, page) : extraBand(row, page)) };
  });
}

/** The chin at its native rate, and any derivation with the notch of its own mains, where the store has them. */
function seenChannel(signals, name) {
  return [`${name} native`, `${name} for people`].find((channel) => signals.has(channel)) ?? name;
}

function derivationBand({ name, gain, inverted }, { signals, raw, settings, bandPx, pxPerUv, colourOf }) {
  const kind = KINDS[name];
  const { model, filters, notch } = settings;
  const own = settings.cuts[CUT_KINDS[kind]];
  const upwards = settings.negativeUp === inverted ? -1 : 1;
  return {
    channel: model ? name : seenChannel(signals, name),
    colour: onBlack(settings) ? MODEL_COLOURS[name] : colourOf(HUMAN_COLOURS[kind]),
    pxPerUv: model ? -bandPx / (2 * MODEL_HALF_BAND_UV[kind]) : pxPerUv * gain * upwards,
    raw: !model && (own || !(filters && notch)) && raw?.has(name) ? { filters, notch, own } : null,
  };
}

/** Another channel of the file: positive up, fitted to its band, as recorded or with the person's own filters. */
function extraBand({ name, gain, inverted }, { raw, settings, colourOf }) {
  const { filters, notch, cuts } = settings;
  const own = cuts[kindOf(name)];
  return {
    raw: own ? { filters, notch, own } : null,
    channel: name,
    label: `${name} ${raw.unit(name)}`.trim(),
    isExtra: true,
    signals: raw.signals,
    colour: onBlack(settings) ? "#c8c8c8" : colourOf("--trace-label"),
    gain: inverted ? -gain : gain,
  };
}
