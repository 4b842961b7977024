// Marked events of an epoch: their kinds, their words, and how they come and go together with their phrase.

import { KINDS } from "../site/registries.js";
import { signalWords } from "./samples.js";

/** Kinds that people mark. */
export const MARKED_KINDS = KINDS.filter(({ letter }) => letter);

// Marks that were stored earlier may have a former id of their kind.
const BY_ID = new Map(KINDS.flatMap((kind) => [kind.id, ...kind.former_ids].map((id) => [id, kind])));

const MEASURES = {
  frequency: ({ frequency_hz: hz }) => (hz === undefined ? "" : `${hz.toFixed(1)} Hz`),
  size: ({ peak_to_peak_uv: uv }) => (uv === undefined ? "" : `${uv.toFixed(0)} µV`),
};

/** The present id of a kind. */
export function currentKind(kind) {
  return BY_ID.get(kind)?.id ?? kind;
}

/** The kind's name on buttons and chips; kinds of other hands are shown by their own name. */
export function labelOf(kind) {
  return BY_ID.get(kind)?.label ?? kind.replaceAll("_", " ");
}

function spanOf({ start_s: start, end_s: end }) {
  return `${start.toFixed(1)}-${end.toFixed(1)} s`;
}

/** "C4-M1 at 12.3-13.1 s, 13.4 Hz, 38 µV" */
export function placeAndSize(event) {
  const measures = BY_ID.get(event.kind)?.measures ?? ["frequency", "size"];
  const sizes = measures.map((name) => MEASURES[name](event.values)).filter(Boolean);
  const measuredOn = sizes.length ? [signalWords(event.signal)].filter(Boolean) : [];
  return [`${event.derivation} at ${spanOf(event)}`, ...sizes, ...measuredOn].join(", ");
}

/** "Spindle in C4-M1 at 12.3-13.1 s, 13.4 Hz, 38 µV." */
export function phraseOf(event) {
  return `${BY_ID.get(event.kind)?.heading ?? labelOf(event.kind)} in ${placeAndSize(event)}.`;
}

const sameEvent = (a, b) => ["kind", "derivation", "start_s", "end_s"].every((name) => a[name] === b[name]);
const byTime = (a, b) => a.start_s - b.start_s || a.end_s - b.end_s || a.derivation.localeCompare(b.derivation);

/** Words put after words, with a space or line between them. */
function appended(text, words) {
  return text === "" || /\s$/.test(text) ? text + words : `${text} ${words}`;
}

/** What changes in a score when an event is marked; its phrase only where rationales are written. */
export function marked({ evidence, rationale }, event, { withPhrase }) {
  if (evidence.some((other) => sameEvent(other, event))) return null;
  const patch = { evidence: [...evidence, event].sort(byTime) };
  return withPhrase ? { ...patch, rationale: appended(rationale, phraseOf(event)) } : patch;
}

/** What changes when a mark is taken away: the event, and its phrase where it still stands word for word. */
export function unmarked({ evidence, rationale }, index) {
  const phrase = phraseOf(evidence[index]);
  const at = rationale.indexOf(phrase);
  const rest = evidence.filter((_, other) => other !== index);
  if (at < 0) return { evidence: rest };
  const before = rationale.slice(0, at).replace(/ $/, "");
  const after = rationale.slice(at + phrase.length);
  return { evidence: rest, rationale: before === "" ? after.trimStart() : before + after };
}

/** Index of the event whose phrase the caret stands in, or -1. */
export function eventAtCaret({ evidence, rationale }, caret) {
  return evidence.findIndex((event) => {
    const phrase = phraseOf(event);
    const at = rationale.indexOf(phrase);
    return at >= 0 && caret >= at && caret <= at + phrase.length;
  });
}

/** Seconds covered by slow waves marked on a derivation; overlapping marks count once. */
export function slowWaveSeconds(evidence, derivation = "F4-M1") {
  const waves = evidence.filter((event) => event.kind === "slow_wave" && event.derivation === derivation).sort(byTime);
  let [sum, until] = [0, 0];
  for (const { start_s: start, end_s: end } of waves) {
    sum += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return sum;
}

// Which words of a rationale speak of a measured wave: a time in a sentence that names the wave's kind.

const SENTENCE_END = /(?<=[.!?])(?=\s)/;
// A time, or a stretch of time; not a frequency nor a size.
const TIME = /\d+\.\d+(?:\s?[-–]\s?\d+\.\d+)?(?![\d.]*(?:\s?[-–]\s?[\d.]+)?\s?(?:Hz|µV|%))(?:\s?s\b)?/g;
const NEAR_S = 0.06;

const near = (a, b) => Math.abs(a - b) < NEAR_S;

function names(kind, sentence) {
  const words = sentence.toLowerCase();
  return [...(BY_ID.get(kind)?.names ?? []), labelOf(kind).toLowerCase()].some((name) => words.includes(name));
}

function eventAt(text, sentence, evidence) {
  const [start, end] = text.match(/\d+\.\d+/g).map(Number);
  return evidence.find((event) =>
    near(event.start_s, start) && (end === undefined || near(event.end_s, end)) && names(event.kind, sentence));
}

/** The text in pieces, [{text, event}], `event` where the piece is a time at which it lies. */
export function mentions({ rationale, evidence }) {
  const pieces = [];
  const add = (text, event = null) => text && pieces.push({ text, event });
  for (const sentence of rationale.split(SENTENCE_END)) {
    let from = 0;
    for (const time of sentence.matchAll(TIME)) {
      const event = eventAt(time[0], sentence, evidence);
      if (!event) continue;
      add(sentence.slice(from, time.index));
      add(time[0], event);
      from = time.index + time[0].length;
    }
    add(sentence.slice(from));
  }
  return pieces;
}

/** The waves that a rationale names, each once. */
export function cited({ rationale, evidence }) {
  return [...new Set(mentions({ rationale, evidence }).map(({ event }) => event).filter(Boolean))];
}
