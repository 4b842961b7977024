// The rationale as a block of reading text; words that point at a place in the signal light it.

import { element, setText } from "../site/dom.js";
import { KINDS, STAGES } from "../site/registries.js";

// Which words of a rationale point at a place in the signal, read from the words alone. So phrases light their
// wave whoever or whatever wrote them: marks kept beside a text would tell where it comes from.

const EPOCH_S = 30;
// What is drawn for "at 3.1 s": most waves that are named begin there.
const POINT_S = 1;

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const UNIT = String.raw`(?:\s?s\b|\s?sec\b|\s?secs\b|[\s-]?seconds?\b)`;
const JOIN = String.raw`\s*(?:-|–|,\s*and\b|,|&|\bto\b|\band\b|\buntil\b)\s*`;
const TIMES = new RegExp(String.raw`(?<![\d.])(?:${NUMBER}(?:${UNIT})?${JOIN})*${NUMBER}${UNIT}`, "gi");
const HALF =
  /\b(?:first|second|last|latter) half\b(?! of the (?:preceding|previous|following|next|epoch before|epoch after))/gi;

// Before a number of seconds: it says how long something lasts, or how large it is.
const LENGTH_WORDS = [
  "for", "last(?:s|ing|ed)?", "up to", "of", "than", "every", "within", "over", "under", "least", "most",
  "total(?:l?ing|s)?", "span(?:s|ning)?",
];
const LENGTH_BEFORE = new RegExp(
  String.raw`(?:\b(?:${LENGTH_WORDS.join("|")})|[≥≤<>~=])(?:\s+(?:about|some|around|approximately|roughly))?\s*$`, "i");
const LENGTH_AFTER =
  /^\s*(?:long\b|of\b|in (?:total|duration|length)\b|each\b|duration\b|epochs?\b|windows?\b|apart\b|pages?\b)/i;
const OTHER = "preceding|previous|following|next|neighbou?ring|adjacent|subsequent|prior";
const OTHER_EPOCH = new RegExp(String.raw`\b(?:${OTHER}) epochs?\b|\bepochs? (?:before|after)\b`, "i");
const SENTENCE_END = /(?<=[.!?;])(?=\s)/;

const EYES = ["E1-M2", "E2-M2"];

// Words for derivations, the longer ones first; a name may mean several. What the eyes do names their derivations.
const CHANNELS = [
  [/\bF4(?:[-:](?:M1|A1|CLE|LER))?\b|\bfrontal(?:ly)?\b/gi, ["F4-M1"]],
  [/\bC4(?:[-:](?:M1|A1|CLE|LER))?\b|\bcentral(?:ly)?\b/gi, ["C4-M1"]],
  [/\bO2(?:[-:](?:M1|A1|CLE|LER))?\b|\boccipital(?:ly)?\b/gi, ["O2-M1"]],
  [/\bE1(?:[-:]M2)?\b|\bLOC\b|\bleft EOG\b/gi, ["E1-M2"]],
  [/\bE2(?:[-:]M2)?\b|\bROC\b|\bright EOG\b/gi, ["E2-M2"]],
  [/(?<!(?:left|right) )\bEOGs?\b/gi, EYES],
  ...KINDS.filter(isOfTheEyes).map((kind) => [patternOf(kind), kind.derivations]),
  [/\bchin(?: EMG)?\b|\bEMG\b|\bmuscle tone\b/gi, ["Chin"]],
  [/\bEEG\b/gi, ["F4-M1", "C4-M1", "O2-M1"]],
];
// Where a wave is looked for when no derivation is named beside it. A kind that has no size of its own, such as an
// arousal or a movement, is seen on all of them.
const WAVES = KINDS.filter((kind) => kind.measures.includes("size") && !isOfTheEyes(kind)).map((kind) =>
  [patternOf(kind), kind.derivations]);

function isOfTheEyes({ derivations }) {
  return derivations.some((derivation) => EYES.includes(derivation));
}

/** Any name of the kind, in the singular or plural. "REM" alone is the stage, "REMs" are the movements. */
function patternOf({ names }) {
  const isStage = (name) => STAGES.some(({ label }) => label.toLowerCase() === name);
  const words = names.map((name) => `${name.replaceAll(" ", "[- ]?")}${isStage(name) ? "s" : "(?:e?s)?"}`);
  return new RegExp(`\\b(?:${words.join("|")})\\b`, "gi");
}

/** The text in pieces, [{text, place}]; `place`, {derivations, start_s, end_s}, is null where words name no place. */
export function piecesOf(rationale) {
  const pieces = [];
  const add = (text, place = null) => text && pieces.push({ text, place });
  for (const sentence of rationale.split(SENTENCE_END)) {
    let from = 0;
    for (const pointer of OTHER_EPOCH.test(sentence) ? [] : pointersIn(sentence)) {
      add(sentence.slice(from, pointer.at));
      const derivations = derivationsBeside(sentence, pointer);
      add(pointer.text, { derivations, start_s: pointer.span[0], end_s: pointer.span[1] });
      from = pointer.at + pointer.text.length;
    }
    add(sentence.slice(from));
  }
  return pieces;
}

function pointersIn(sentence) {
  const halves = [...sentence.matchAll(HALF)].map(({ 0: text, index: at }) =>
    ({ text, at, span: /first/i.test(text) ? [0, EPOCH_S / 2] : [EPOCH_S / 2, EPOCH_S] }));
  const times = [...sentence.matchAll(TIMES)].flatMap(({ 0: text, index: at }) => timesIn(sentence, text, at));
  return [...halves, ...times].sort((a, b) => a.at - b.at);
}

/** A list of times, "3.1 and 14.0 s" or "5.0-6.2 s": each a pointer of its own. */
function timesIn(sentence, text, at) {
  if (LENGTH_BEFORE.test(sentence.slice(0, at)) || LENGTH_AFTER.test(sentence.slice(at + text.length))) return [];
  const between = /\bbetween\s+$/i.test(sentence.slice(0, at));
  return rangesOf(text, between).flatMap((piece) => {
    const [start, end] = piece.text.match(new RegExp(NUMBER, "g")).map(Number);
    const span = [start, end ?? Math.min(start + POINT_S, EPOCH_S)];
    return start < EPOCH_S && span[1] <= EPOCH_S && span[0] < span[1]
      ? [{ text: piece.text, at: at + piece.at, span }]
      : [];
  });
}

/** Cut a list into its times and stretches of time, with where each begins. */
function rangesOf(text, between) {
  const to = between ? String.raw`-|–|to|until|and` : String.raw`-|–|to|until`;
  const range = new RegExp(`${NUMBER}(?:${UNIT})?(?:\\s*(?:${to})\\s*${NUMBER}(?:${UNIT})?)?`, "gi");
  return [...text.matchAll(range)].map(({ 0: part, index: at }) => ({ text: part, at }));
}

/** The derivations named nearest to a place in the sentence; by the kind of wave where none is; else all, as null. */
function derivationsBeside(sentence, pointer) {
  return nearest(CHANNELS, sentence, pointer) ?? nearest(WAVES, sentence, pointer);
}

function nearest(table, sentence, { at, text }) {
  const named = table.flatMap(([pattern, derivations]) =>
    [...sentence.matchAll(pattern)].map(({ 0: { length }, index }) =>
      ({ derivations, far: index < at ? at - index - length : index - at - text.length })));
  return named.reduce((best, other) => (best && best.far <= other.far ? best : other), null)?.derivations ?? null;
}

// The rationale as a block of reading text, its rules beside it. Words that point at a place light it.

export class RationaleText {
  #parts;
  #onLight;
  #pieces = [];

  /** `onLight(place)` when words that point at a place are chosen; null when they are left. */
  constructor({ parts, onLight }) {
    this.#parts = parts;
    this.#onLight = onLight;
    const { rationale } = parts;
    rationale.addEventListener("click", ({ target }) => this.#click(target.closest("[data-place]")));
  }

  show({ stage, rationale, rules }) {
    const { stage: chip, rationale: block, rules: list } = this.#parts;
    setText(chip, stage);
    chip.dataset.stage = stage;
    this.#pieces = piecesOf(rationale);
    block.replaceChildren(...this.#pieces.map(pieceNode));
    list.replaceChildren(...rules.map(ruleOf));
  }

  /** The next words that point at a place; false where there are none. */
  next() {
    const links = this.#links;
    const [lit] = links.filter((link) => link.hasAttribute("data-lit"));
    const next = links[(links.indexOf(lit) + 1) % links.length];
    if (!next) return false;
    next.focus();
    this.#light(next);
    return true;
  }

  /** Put the light out. */
  dark() {
    document.activeElement?.blur();
    this.#light(null);
  }

  /** Wording of the rules: all of it, or none. */
  toggleWording() {
    const all = [...this.#parts.rules.children];
    const opens = all.some((rule) => !rule.open);
    for (const rule of all) rule.open = opens;
  }

  get #links() {
    return [...this.#parts.rationale.querySelectorAll("[data-place]")];
  }

  #click(link) {
    if (link) this.#light(link.hasAttribute("data-lit") ? null : link);
  }

  #light(link) {
    for (const other of this.#links) {
      other.toggleAttribute("data-lit", other === link);
      other.setAttribute("aria-pressed", String(other === link));
    }
    this.#onLight(link ? this.#pieces[Number(link.dataset.place)].place : null);
  }
}

function pieceNode({ text, place }, index) {
  if (!place) return text;
  const where = place.derivations?.join(", ") ?? "all derivations";
  return element("button",
    {
      type: "button", class: "mention", "data-place": index, "aria-pressed": "false",
      title: `Shows it in the signal: ${where} (E)`,
    },
    text);
}

function ruleOf({ id, title, text }) {
  return element("details", {}, element("summary", {}, element("b", {}, id), ` ${title}`), element("p", {}, text));
}
