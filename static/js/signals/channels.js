// The channels on the page: which and in which order, with which filters of the person, and how each is drawn.

import { isNight } from "./scale.js";

// Which channels are on the page, in which order, and what is changed about each: pure functions on a list.
// A row is {name, hidden, inverted, gain}, that of a difference also has its channels {plus, minus}, where minus is a
// channel or a list of those of which the mean is meant. The list belongs to the person and serves every night: names
// that a night does not have are kept and passed over, derivations that the list does not have come after it.

export const ROW_GAINS = [0.1, 0.2, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 5, 10];

/** The name of the row that is a difference of channels: it cannot be that of a derivation. */
export function differenceName(plus, minus) {
  return `${plus} − ${Array.isArray(minus) ? `mean(${minus.join(", ")})` : minus}`;
}

/** A channel, or a list of two or more different ones. */
function isReference(minus) {
  const isName = (name) => typeof name === "string" && name !== "";
  if (!Array.isArray(minus)) return isName(minus);
  return minus.length > 1 && minus.every(isName) && new Set(minus).size === minus.length;
}

/** Rows as stored somewhere, without what is none. */
export function soundRows(stored) {
  const isOneChannel = ({ plus, minus }) => plus === undefined && minus === undefined;
  const isSound = (row) => typeof row?.name === "string" && Number.isFinite(row.gain) && row.gain > 0 &&
    (isOneChannel(row) || (isReference(row.minus) && row.plus && row.name === differenceName(row.plus, row.minus)));
  return Array.isArray(stored) ? stored.filter(isSound) : [];
}

const IN_UV = /^[uµμ]v$/i;

/**
 * Why the difference of a channel and the mean of others cannot be drawn, or null; a channel of the recording is
 * {name, unit, sfreq_hz}, one that it does not have undefined.
 */
export function problemOfDifference(plus, minuses) {
  const all = [plus, ...minuses];
  if (!all.every(Boolean)) return "The recording does not have all of its channels.";
  if (minuses.some(({ name }) => name === plus.name)) return "A channel cannot be its own reference.";
  if (!all.every(({ unit }) => IN_UV.test(unit))) return "All channels must be in µV.";
  const rates = [...new Set(all.map(({ sfreq_hz: hz }) => hz))];
  return rates.length > 1 ? `All channels need the same sampling rate: here ${rates.join(" and ")} Hz.` : null;
}

function problemOfRow({ plus, minus }, channels) {
  const [first, ...others] = [plus, minus].flat().map((wanted) => channels.find(({ name }) => name === wanted));
  return problemOfDifference(first, others);
}

/** Why differences of a person are not drawn on this recording, in words, one for each. */
export function leftOutOf({ channels, rows }) {
  const shown = rows.filter(({ plus, hidden }) => plus && !hidden);
  const problems = shown.map((row) => ({ name: row.name, problem: problemOfRow(row, channels) }));
  return problems.flatMap(({ name, problem }) => (problem ? [`${name} is not drawn. ${problem}`] : []));
}

/** `channels` are all channels of the file as recorded, of which differences are made. */
export function rowsOf({ derivations, extras, channels = [], rows }) {
  const isHere = (row) => (row.plus ? !problemOfRow(row, channels) : [...derivations, ...extras].includes(row.name));
  const known = rows.filter(isHere);
  const named = new Set(known.map(({ name }) => name));
  const row = (name, hidden) => ({ name, hidden, inverted: false, gain: 1 });
  return [
    ...known,
    ...derivations.filter((name) => !named.has(name)).map((name) => row(name, false)),
    ...extras.filter((name) => !named.has(name)).map((name) => row(name, true)),
  ];
}

/** `rows` as saved after `name` was changed by `patch`; `all` is what rowsOf() gave. */
export function changedRow(rows, all, name, patch) {
  return merged(rows, all.map((row) => (row.name === name ? { ...row, ...patch } : row)));
}

/** The row moved by `by` places among those of this night. */
export function movedRow(rows, all, name, by) {
  const order = [...all];
  const from = order.findIndex((row) => row.name === name);
  const to = Math.min(order.length - 1, Math.max(0, from + by));
  order.splice(to, 0, ...order.splice(from, 1));
  return merged(rows, order);
}

function merged(rows, all) {
  const here = new Set(all.map(({ name }) => name));
  return [...all, ...rows.filter(({ name }) => !here.has(name))];
}

// Filters that a person chooses for looking at signals: low cut, high cut and notch, each a value or off.
// Models never see them, and what is stored does not change.

// Kinds of channels that are filtered alike, with the filters that the AASM manual recommends.

export const FILTERED_KINDS = {
  eeg: { name: "EEG", aasm: { low: 0.3, high: 35 } },
  eog: { name: "EOG", aasm: { low: 0.3, high: 35 } },
  emg: { name: "Chin and other EMG", aasm: { low: 10, high: 100 } },
  ecg: { name: "ECG", aasm: { low: 0.3, high: 70 } },
  resp: { name: "Respiration", aasm: { low: 0.1, high: 15 } },
  other: { name: "Other channels", aasm: {} },
};
export const OF_DERIVATIONS = ["eeg", "eog", "emg"];
export const OFF = { low: null, high: null, notch: null };
// Lower cuts have not settled after the 30 s of signal that lie beside an epoch.
export const LOWEST_HZ = 0.1;
export const HIGHEST_HZ = 500;
export const SIDES = ["low", "high", "notch"];

const LABELS = [
  ["ecg", /\b(ecg|ekg)/i],
  ["resp", /flow|resp|thor|abd|nasal|therm|cannula|effort|chest|belt|press/i],
  ["emg", /emg|\bleg|tib|\b[lr]at\b|plm|chin|masseter/i],
  ["eog", /eog|^e[12]\b|\b[lr]oc\b/i],
  ["eeg", /eeg|^([fcopt]\d{1,2}|[fcop]z|fp[12z]|[am][12])\b/i],
];

/** The kind of a derivation or of another channel, by its label. */
export function kindOf(name) {
  return LABELS.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}

/** Cuts as kept somewhere, without what makes no filter. */
export function soundCuts(kept) {
  const isSound = ([kind, cut]) => kind in FILTERED_KINDS && cut && !problemOf({ ...OFF, ...cut });
  const sound = Object.entries(kept ?? {}).filter(isSound);
  return Object.fromEntries(
    sound.map(([kind, cut]) => [kind, Object.fromEntries(SIDES.map((side) => [side, cut[side] ?? null]))]),
  );
}

/** Why values make no filter, or null. */
export function problemOf(cut) {
  for (const side of SIDES) {
    const hz = cut[side];
    if (hz === null) continue;
    if (!Number.isFinite(hz) || hz < LOWEST_HZ || hz > HIGHEST_HZ) return `Enter ${LOWEST_HZ} to ${HIGHEST_HZ} Hz.`;
  }
  const { low, high } = cut;
  return low !== null && high !== null && low >= high ? "The low cut must be below the high cut." : null;
}

/** The filters that the AASM manual recommends, with a notch at the mains; stored EEG and EOG have them already. */
export function recommended(mainsHz) {
  const cut = (kind) => ({ ...FILTERED_KINDS[kind].aasm, notch: mainsHz });
  return Object.fromEntries(["emg", "ecg", "resp"].map((kind) => [kind, cut(kind)]));
}

/** What the status line says of them: "" where derivations are filtered as they are stored. */
export function cutWords(cuts) {
  const own = OF_DERIVATIONS.filter((kind) => cuts[kind]);
  if (!own.length) return "";
  return own.map((kind) => `${kind.toUpperCase()} ${oneCut(cuts[kind])}`).join("; ");
}

function oneCut({ low, high, notch }) {
  const band = low === null && high === null ? "unfiltered" : `${low ?? 0}-${high ?? "∞"} Hz`;
  return notch === null ? `${band}, no notch` : `${band}, notch ${notch}`;
}

// Second-order sections, rows of b0 b1 b2 a0 a1 a2, as scipy's butter and iirnotch make them.

// Of a Butterworth filter of order 4, as the stored signals have.
const BUTTERWORTH_Q = [1 / (2 * Math.cos(Math.PI / 8)), 1 / (2 * Math.cos((3 * Math.PI) / 8))];
const NOTCH_Q = 20;
const NYQUIST_SHARE = 0.999;

/** The sections of a cut at a sampling rate; what lies above half the rate is left out. */
export function sectionsOf({ low, high, notch }, sfreqHz) {
  const fits = (hz) => hz !== null && hz < (NYQUIST_SHARE * sfreqHz) / 2;
  return [
    ...(fits(low) ? BUTTERWORTH_Q.map((q) => edge(low, q, sfreqHz, true)) : []),
    ...(fits(high) ? BUTTERWORTH_Q.map((q) => edge(high, q, sfreqHz, false)) : []),
    ...(fits(notch) ? [notchSection(notch, sfreqHz)] : []),
  ];
}

function edge(hz, q, sfreqHz, isLowCut) {
  const k = Math.tan((Math.PI * hz) / sfreqHz);
  const norm = 1 / (1 + k / q + k * k);
  const b = isLowCut ? [norm, -2 * norm, norm] : [k * k * norm, 2 * k * k * norm, k * k * norm];
  return [...b, 1, 2 * (k * k - 1) * norm, (1 - k / q + k * k) * norm];
}

function notchSection(hz, sfreqHz) {
  const w = (2 * Math.PI * hz) / sfreqHz;
  const gain = 1 / (1 + Math.tan(w / (2 * NOTCH_Q)));
  return [gain, -2 * gain * Math.cos(w), gain, 1, -2 * gain * Math.cos(w), 2 * gain - 1];
}

// How each derivation is drawn, for people and as the model's images have it.

const DRAWN_AS = {
  "F4-M1": "brain", "C4-M1": "brain", "O2-M1": "brain", "E1-M2": "eye", "E2-M2": "eye", Chin: "muscle",
};
const CUT_KINDS = { brain: "eeg", eye: "eog", muscle: "emg" };
export const DERIVATIONS = Object.keys(DRAWN_AS);
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
  const rows = rowsOf({
    derivations: signals.derivations, extras: raw?.extras ?? [], channels: raw?.channels, rows: settings.rows,
  });
  return rows.filter(({ hidden }) => !hidden);
}

/**
 * The settings as they can be followed: the whole night, and a recording without channels as recorded, are drawn of the
 * filtered signals alone.
 */
export function asDrawn(settings, { hasRaw }) {
  if (hasRaw && !isNight(settings.pageS)) return settings;
  return { ...settings, filters: true, notch: true, cuts: {}, rows: settings.rows.filter(({ plus }) => !plus) };
}

/** Whether this page needs more than the filtered store. */
export function needsRaw({ settings, signals }) {
  if (settings.model || !signals.hasRaw) return false;
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
    return { ...place, ...bandOf(row, page) };
  });
}

function bandOf(row, page) {
  if (row.plus) return differenceBand(row, page);
  return DRAWN_AS[row.name] ? derivationBand(row, page) : extraBand(row, page);
}

/** The chin at its native rate, and any derivation with the notch of its own mains, where the store has them. */
function seenChannel(signals, name) {
  return [`${name} native`, `${name} for people`].find((channel) => signals.has(channel)) ?? name;
}

function derivationBand({ name, gain, inverted }, { signals, raw, settings, bandPx, pxPerUv, colourOf }) {
  const kind = DRAWN_AS[name];
  const { model, filters, notch } = settings;
  const own = settings.cuts[CUT_KINDS[kind]];
  const upwards = settings.negativeUp === inverted ? -1 : 1;
  return {
    channel: model ? name : seenChannel(signals, name),
    colour: onBlack(settings) ? MODEL_COLOURS[name] : colourOf(HUMAN_COLOURS[kind]),
    pxPerUv: model ? -bandPx / (2 * MODEL_HALF_BAND_UV[kind]) : pxPerUv * gain * upwards,
    raw: !model && (own || !(filters && notch)) && raw?.has(name) ? { filters, notch, own, isOwn: Boolean(own) } : null,
  };
}

const KIND_COLOURS = { eeg: "--trace-line", eog: "--trace-eye", emg: "--trace-muscle" };

/** A difference of channels, as derivations are drawn: in µV, with the filters of its kind or those of a person. */
function differenceBand({ name, plus, minus, gain, inverted }, { raw, settings, pxPerUv, colourOf }) {
  const { filters, notch, cuts } = settings;
  const kind = kindOf(plus);
  return {
    channel: plus,
    colour: onBlack(settings) ? "#c8c8c8" : colourOf(KIND_COLOURS[kind] ?? "--trace-label"),
    pxPerUv: pxPerUv * gain * (settings.negativeUp === inverted ? -1 : 1),
    raw: {
      filters, notch, isOwn: kind in cuts,
      own: cuts[kind] ?? { ...OFF, ...FILTERED_KINDS[kind].aasm, notch: raw.mainsHz },
      source: { positive: plus, negatives: [minus].flat() },
    },
    name,
  };
}

/** Another channel of the file: positive up, fitted to its band, as recorded or with the person's own filters. */
function extraBand({ name, gain, inverted }, { raw, settings, colourOf }) {
  const { filters, notch, cuts } = settings;
  const own = cuts[kindOf(name)];
  return {
    raw: own ? { filters, notch, own, isOwn: true } : null,
    channel: name,
    label: `${name} ${raw.unit(name)}`.trim(),
    isExtra: true,
    signals: raw.signals,
    colour: onBlack(settings) ? "#c8c8c8" : colourOf("--trace-label"),
    gain: inverted ? -gain : gain,
  };
}
