// Phrases: which to offer for an epoch, and their slots filled from what is marked in it.

import { currentKind, phraseOf, placeAndSize, slowWaveSeconds } from "./evidence.js";
import { rulesAfterStage } from "./rules.js";

const GAP = "___";
const MOST_NAMED = 3;
const SLOT = /\{([a-z_]+)\}/g;

function joined(parts) {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join("; ")} and ${parts.at(-1)}`;
}

function slotText(name, evidence) {
  if (name === "slow_wave_s") return slowWaveSeconds(evidence) ? slowWaveSeconds(evidence).toFixed(1) : GAP;
  // The level of the chin over a whole epoch has the kind of its rises, and a value of its own.
  const events = evidence.filter(({ kind, values }) => currentKind(kind) === name && values.rms_uv === undefined);
  const named = events.slice(0, MOST_NAMED).map(placeAndSize);
  return events.length > MOST_NAMED ? joined([...named, `${events.length - MOST_NAMED} more`]) : joined(named) || GAP;
}

export function filled(text, evidence) {
  return text.replace(SLOT, (_, name) => slotText(name, evidence));
}

/** Place of the first gap left to write in, or null. */
export function gapIn(text) {
  const at = text.indexOf(GAP);
  return at < 0 ? null : { start: at, end: at + GAP.length };
}

/**
 * Phrases that hold every typed word, best first: of a cited rule, of the stage, of the others.
 * Without a typed word only those of the stage are offered; all, where there is no stage.
 */
export function offered(phrases, { stage, rules, evidence }, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (phrase) => (rules.includes(phrase.rule) ? 0 : phrase.stages.includes(stage) ? 1 : 2);
  return phrases
    .map((phrase) => ({ ...phrase, rank: rank(phrase), text: filled(phrase.text, evidence) }))
    .filter((phrase) => (words.length || stage === null ? true : phrase.rank < 2))
    .filter((phrase) => words.every((word) => `${phrase.rule ?? phrase.stages.join(" ")} ${phrase.text}`.toLowerCase().includes(word)))
    .sort((a, b) => a.rank - b.rank);
}

/** `text` with `words` put in at `at`, a space on either side where words meet. */
export function inserted(text, words, at = text.length) {
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const lead = before === "" || /\s$/.test(before) ? "" : " ";
  const trail = after === "" || /^\s/.test(after) ? "" : " ";
  return { text: before + lead + words + trail + after, start: before.length + lead.length };
}

/**
 * What changes when rules and words of the epoch before are taken over. Phrases about its waves stay
 * behind, for their times are not of this epoch; a stage comes along only where there is none.
 */
export function copied(before, score, rules, { withWords }) {
  const stage = score.stage ?? before.stage;
  const patch = { stage, rules: rulesAfterStage(rules, [...new Set([...score.rules, ...before.rules])], stage) };
  if (!withWords) return patch;
  const words = before.evidence.reduce((text, event) => text.replace(phraseOf(event), ""), before.rationale).replace(/ {2,}/g, " ").trim();
  return words === "" ? patch : { ...patch, rationale: inserted(score.rationale, words).text };
}
