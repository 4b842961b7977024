// The scoring as this page knows it: one score per epoch, and where we are.

import { sameJson } from "./same.js";

const EMPTY_SCORE = Object.freeze({ stage: null, rules: [], rationale: "", flags: [], evidence: [] });

export class ScoringStore {
  #scores = new Map();
  #versions = new Map();
  #scoredCount = 0;

  constructor({ epochCount }) {
    this.epochCount = epochCount;
    this.current = 0;
  }

  score(epoch) {
    return this.#scores.get(epoch) ?? EMPTY_SCORE;
  }

  stage(epoch) {
    return this.score(epoch).stage;
  }

  version(epoch) {
    return this.#versions.get(epoch) ?? 0;
  }

  get scoredCount() {
    return this.#scoredCount;
  }

  set(epoch, { stage, rules, rationale, flags, evidence }) {
    this.#scoredCount += (stage !== null) - (this.stage(epoch) !== null);
    this.#scores.set(epoch, { stage, rules, rationale, flags, evidence });
  }

  setVersion(epoch, version) {
    this.#versions.set(epoch, version);
  }

  clamp(epoch) {
    return Math.min(this.epochCount - 1, Math.max(0, epoch));
  }

  /** The next epoch after `from` without a stage, round the end of the night; null when there is none. */
  nextUnscored(from) {
    for (let step = 1; step <= this.epochCount; step++) {
      const epoch = (from + step) % this.epochCount;
      if (this.stage(epoch) === null) return epoch;
    }
    return null;
  }

  /** The next epoch whose stage differs from the one before it; null when there is none. */
  nextTransition(from) {
    for (let epoch = from + 1; epoch < this.epochCount; epoch++) {
      if (this.stage(epoch) !== this.stage(epoch - 1)) return epoch;
    }
    return null;
  }

  scored() {
    return this.#epochs.filter((epoch) => this.stage(epoch) !== null);
  }

  unscored() {
    return this.#epochs.filter((epoch) => this.stage(epoch) === null);
  }

  get #epochs() {
    return Array.from({ length: this.epochCount }, (_, epoch) => epoch);
  }
}

export function sameScore(a, b) {
  const parts = ({ stage, rules, rationale, flags, evidence }) => [stage, rules, rationale, flags, evidence];
  return sameJson(parts(a), parts(b));
}

/** Runs of consecutive epochs, for saying "12-40, 73" instead of thirty numbers. */
export function runs(epochs) {
  const found = [];
  for (const epoch of epochs) {
    const last = found.at(-1);
    if (last && last.last === epoch - 1) last.last = epoch;
    else found.push({ first: epoch, last: epoch });
  }
  return found;
}
