// Which words of a rationale speak of a measured wave: a time in a sentence that names the wave's kind.

import { currentKind, labelOf } from "./evidence.js";

// Words by which people and models name a kind, beside its label.
const NAMES = {
  rem: ["rapid eye movement", "rem"],
  sem: ["slow eye movement", "sem"],
  slow_wave: ["slow wave", "delta"],
  vertex_wave: ["vertex"],
  chin_tone: ["tone"],
  movement: ["body movement", "movement"],
};
const SENTENCE_END = /(?<=[.!?])(?=\s)/;
// A time, or a stretch of time; not a frequency nor a size.
const TIME = /\d+\.\d+(?:\s?[-–]\s?\d+\.\d+)?(?![\d.]*(?:\s?[-–]\s?[\d.]+)?\s?(?:Hz|µV|%))(?:\s?s\b)?/g;
const NEAR_S = 0.06;

const near = (a, b) => Math.abs(a - b) < NEAR_S;

function names(kind, sentence) {
  const said = sentence.toLowerCase();
  return (NAMES[currentKind(kind)] ?? [labelOf(kind)]).some((name) => said.includes(name.toLowerCase()));
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
    for (const found of sentence.matchAll(TIME)) {
      const event = eventAt(found[0], sentence, evidence);
      if (!event) continue;
      add(sentence.slice(from, found.index));
      add(found[0], event);
      from = found.index + found[0].length;
    }
    add(sentence.slice(from));
  }
  return pieces;
}

/** The waves that a rationale names, each once. */
export function cited({ rationale, evidence }) {
  return [...new Set(mentions({ rationale, evidence }).map(({ event }) => event).filter(Boolean))];
}
