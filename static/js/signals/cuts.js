// Filters that a person chooses for looking at signals: low cut, high cut and notch, each a value or off.
// Models never see them, and what is stored does not change.

import { element } from "../site/dom.js";

// Kinds of channels that are filtered alike, with the filters that the AASM manual recommends.

const KINDS = {
  eeg: { name: "EEG", aasm: { low: 0.3, high: 35 } },
  eog: { name: "EOG", aasm: { low: 0.3, high: 35 } },
  emg: { name: "Chin and other EMG", aasm: { low: 10, high: 100 } },
  ecg: { name: "ECG", aasm: { low: 0.3, high: 70 } },
  resp: { name: "Respiration", aasm: { low: 0.1, high: 15 } },
  other: { name: "Other channels", aasm: {} },
};
const OF_DERIVATIONS = ["eeg", "eog", "emg"];
const OFF = { low: null, high: null, notch: null };
// Lower cuts have not settled after the 30 s of signal that lie beside an epoch.
const LOWEST_HZ = 0.1;
const HIGHEST_HZ = 500;
const SIDES = ["low", "high", "notch"];

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
  const isSound = ([kind, cut]) => kind in KINDS && cut && !problemOf({ ...OFF, ...cut });
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
  return Object.fromEntries(["emg", "ecg", "resp"].map((kind) => [kind, { ...KINDS[kind].aasm, notch: mainsHz }]));
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

// The table of the display dialog.

const HEADS = { low: "low cut", high: "high cut", notch: "notch" };

/**
 * Rows of the table: a box for each side of each kind; an empty box is off.
 *
 * @param {{cuts: object, mainsHz: number, onChange: (cuts: object) => void}} its `onChange` gets sound cuts only
 */
export function cutRows({ cuts, mainsHz, onChange }) {
  return Object.entries(KINDS).map(([kind, { name, aasm }]) => {
    const stored = { ...aasm, notch: mainsHz };
    const present = cuts[kind] ?? (OF_DERIVATIONS.includes(kind) ? stored : OFF);
    const boxes = Object.fromEntries(SIDES.map((side) => [side, box(`${HEADS[side]} of ${name}`, present[side])]));
    const problem = element("p", { class: "field__errors", role: "alert", hidden: true });
    const change = () => {
      const cut = Object.fromEntries(SIDES.map((side) => [side, valueOf(boxes[side])]));
      const why = problemOf(cut);
      problem.hidden = !why;
      problem.textContent = why ?? "";
      if (!why) onChange({ ...cuts, [kind]: cut });
    };
    for (const input of Object.values(boxes)) input.addEventListener("change", change);
    return element("tr", {},
      element("th", { scope: "row" }, name, problem),
      ...SIDES.map((side) => element("td", {}, boxes[side])));
  });
}

function box(label, hz) {
  return element("input", {
    type: "number", min: String(LOWEST_HZ), max: String(HIGHEST_HZ), step: "any", placeholder: "off",
    value: hz === null ? "" : String(hz), "aria-label": label, "data-row-control": label, class: "num",
  });
}

function valueOf(input) {
  return input.value === "" && !input.validity.badInput ? null : input.valueAsNumber;
}
