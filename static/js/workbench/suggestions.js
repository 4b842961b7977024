// Suggestions as this page may know them: which epochs are open, what is said of them, and what is taken over.

import { cited } from "./mentions.js";
import { OpenEpochs } from "./openepochs.js";
import { inserted } from "./phrases.js";

/** Which answers are locked, or about to be; in other modes than reveal every epoch is open. */
export class Locks {
  #mode;
  #locked;
  #waiting = new Set();

  constructor({ mode, locked }) {
    this.#mode = mode;
    this.#locked = new Set(locked);
  }

  /** Whether the own answer comes first and this epoch has none that is fixed or on its way to be. */
  isDue(epoch) {
    return this.#mode === "reveal" && !this.#locked.has(epoch) && !this.#waiting.has(epoch);
  }

  isWaiting(epoch) {
    return this.#waiting.has(epoch);
  }

  isOpen(epoch) {
    return this.#mode !== "reveal" || this.#locked.has(epoch);
  }

  get hasOpen() {
    return this.#mode !== "reveal" || this.#locked.size > 0;
  }

  wait(epoch) {
    this.#waiting.add(epoch);
  }

  settle(epoch, { isLocked }) {
    this.#waiting.delete(epoch);
    if (isLocked) this.#locked.add(epoch);
  }
}

/** Suggestions by epoch, and their stages for the strip of the night. */
export class Suggestions extends OpenEpochs {
  #stages = new Map();
  #api;

  constructor({ epochCount, locks, api }) {
    super({
      epochCount,
      isOpen: (epoch) => locks.isOpen(epoch),
      fetch: async (first, count) => (await api.suggestions(first, count)).suggestions,
    });
    this.#api = api;
  }

  stage(epoch) {
    return this.#stages.get(epoch) ?? null;
  }

  opened(epoch, suggestion) {
    if (suggestion?.stage) this.#stages.set(epoch, suggestion.stage);
    this.put(epoch, suggestion);
  }

  /** The stages of all open epochs; without an answer the strip shows the own ones alone. */
  async loadStages() {
    const answer = await this.#api.suggestedStages().catch((error) => {
      if (!("status" in error)) throw error;
      return null;
    });
    for (const [epoch, stage] of answer?.stages ?? []) if (stage) this.#stages.set(epoch, stage);
  }
}

const sameEvent = (a, b) => ["kind", "derivation", "start_s", "end_s"].every((name) => a[name] === b[name]);

/** Waves that the rationale names come along with it, unless they are marked already. */
function evidenceWith(own, suggestion) {
  const fresh = cited(suggestion).filter((event) => !own.some((other) => sameEvent(other, event)));
  return [...own, ...fresh].sort((a, b) => a.start_s - b.start_s || a.end_s - b.end_s);
}

/** What changes when a suggestion is taken over whole; words only where rationales are written. */
export function takenWhole(score, suggestion, { withWords }) {
  const { stage, rules } = suggestion;
  if (!withWords) return { stage, rules: [...rules] };
  return { stage, rules: [...rules], rationale: suggestion.rationale, evidence: evidenceWith(score.evidence, suggestion) };
}

/** What changes when only its words are: they follow what was written. */
export function takenWords(score, suggestion) {
  const { rationale } = suggestion;
  const words = score.rationale.includes(rationale) ? score.rationale : inserted(score.rationale, rationale).text;
  return { rationale: words, evidence: evidenceWith(score.evidence, suggestion) };
}

/** "agrees", "same stage" or "differs"; null without a stage of one's own to compare. */
export function comparison(score, suggestion) {
  if (score.stage === null) return null;
  if (score.stage !== suggestion.stage) return "differs";
  const rules = ({ rules }) => JSON.stringify([...rules].sort());
  return rules(score) === rules(suggestion) ? "agrees" : "same stage";
}
