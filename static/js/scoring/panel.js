// The lower half: stage, rules, rationale and flags of the epoch on screen, and the phrases offered for it.

import { keyLabel } from "../keys/keyboard.js";
import { chordOf, offer, rulesAfterStage } from "../keys/tables.js";
import { currentKind, phraseOf, placeAndSize, slowWaveSeconds } from "../signals/evidence.js";
import { attachRationale, element, GAP, gapCount, MOST_CHARACTERS, setText } from "../site/dom.js";

function ruleChip(rule, { key, cited, wrong }) {
  return element(
    "button",
    {
      type: "button", class: "rule", "data-act": `rule:${rule.id}`, "aria-pressed": String(cited),
      title: `${rule.title}. ${rule.text}`, "data-wrong": wrong,
    },
    element("kbd", {}, key),
    element("span", { class: "rule__id" }, rule.id),
  );
}

/** A rule with its wording, for the list of all of them. */
function ruleRow(rule, chord) {
  return element(
    "button",
    { type: "button", class: "rule", "data-act": `rule:${rule.id}`, "data-rule": rule.id, "aria-pressed": "false" },
    element("kbd", {}, chord),
    element("span", { class: "rule__id" }, rule.id),
    element("span", { class: "rule__text" }, `${rule.title}. ${rule.text}`),
  );
}

/** Stage, rules, rationale and flags of the epoch on screen. */
export class EpochPanel {
  #parts;
  #rules;
  #keys;
  #drawn = "";

  constructor({ parts, rules, keys }) {
    this.#parts = parts;
    this.#rules = rules;
    this.setKeys(keys);
  }

  /** The keys written on the rules; they show with the next score. */
  setKeys(keys) {
    this.#keys = keys;
    this.#drawn = "";
    this.#parts.ruleList.replaceChildren(...this.#rules.map((rule) => ruleRow(rule, this.#chordOf(rule))));
  }

  show(score) {
    for (const button of this.#parts.stages.children) {
      button.setAttribute("aria-pressed", String(button.dataset.stage === (score.stage ?? "")));
    }
    for (const button of this.#parts.flags.children) {
      button.setAttribute("aria-pressed", String(score.flags.includes(button.dataset.flag)));
    }
    this.#showRules(score);
    this.#showRationale(score.rationale);
  }

  /** The first rules offered, in the order of their quick keys. */
  quickRule(stage, index) {
    return offer(this.#rules, stage).first[index] ?? null;
  }

  #chordOf(rule) {
    const [key] = this.#keys.keysOf("chord");
    return key ? keyLabel(key) + chordOf(rule.id) : "";
  }

  #quickKey(index) {
    const [key] = this.#keys.keysOf(`quick:${index}`);
    return key && keyLabel(key);
  }

  setChord(keys) {
    this.#parts.chord.hidden = keys === null;
    setText(this.#parts.chord, keys === null ? "" : `rule .${keys}_`);
  }

  #showRules({ stage, rules: cited }) {
    const state = JSON.stringify([stage, cited]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const { first, others, rest } = offer(this.#rules, stage);
    const wrong = rest.filter((rule) => cited.includes(rule.id));
    const chip = (rule, more) => ruleChip(rule, { cited: cited.includes(rule.id), ...more });
    this.#parts.rules.replaceChildren(
      ...first.map((rule, index) => chip(rule, { key: this.#quickKey(index) ?? this.#chordOf(rule) })),
      ...others.map((rule) => chip(rule, { key: this.#chordOf(rule) })),
      ...wrong.map((rule) => chip(rule, { key: this.#chordOf(rule), wrong: true })),
    );
    setText(this.#parts.problems, this.#problem(stage, wrong));
    setText(
      this.#parts.wording,
      this.#rules
        .filter((rule) => cited.includes(rule.id))
        .map((rule) => rule.title)
        .join(" · "),
    );
    for (const button of this.#parts.ruleList.children) {
      button.setAttribute("aria-pressed", String(cited.includes(button.dataset.rule)));
    }
  }

  #problem(stage, wrong) {
    if (!wrong.length) return "";
    const names = wrong.map((rule) => rule.id).join(", ");
    return stage === null ? `${names} cited without a stage` : `${names} cannot support ${stage}`;
  }

  #showRationale(rationale) {
    const box = this.#parts.rationale;
    if (!box) return;
    if (box.value !== rationale) box.value = rationale;
    const count = [...rationale].length;
    const gaps = gapCount(rationale);
    const words = count > MOST_CHARACTERS
      ? `${count} characters: at most ${MOST_CHARACTERS} can be saved`
      : `${gaps ? `${gapsIn(gaps)}, ` : ""}${count} characters`;
    setText(this.#parts.length, words);
    this.#parts.length.toggleAttribute("data-over", count > MOST_CHARACTERS || gaps > 0);
  }
}

function gapsIn(count) {
  return count === 1 ? "1 gap (___)" : `${count} gaps (___)`;
}

// Phrases: which to offer for an epoch, and their slots filled from what is marked in it.

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
    .filter((phrase) =>
      words.every((word) => `${phrase.rule ?? phrase.stages.join(" ")} ${phrase.text}`.toLowerCase().includes(word)),
    )
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
  const words = before.evidence
    .reduce((text, event) => text.replace(phraseOf(event), ""), before.rationale)
    .replace(/ {2,}/g, " ")
    .trim();
  return words === "" ? patch : { ...patch, rationale: inserted(score.rationale, words).text };
}

/** The phrase palette: a key opens it, typing narrows it, Enter puts the phrase into the rationale. */
export class Phrasebook {
  #bench;
  #parts;
  #phrases;
  #offered = [];
  #at = 0;
  #caret = null;

  constructor(bench, { phrases }) {
    const { parts } = bench;
    [this.#bench, this.#parts, this.#phrases] = [bench, parts, phrases];
    parts.phraseInput.addEventListener("input", () => this.#search());
    parts.phraseInput.addEventListener("keydown", (event) => this.#onKey(event));
    parts.phraseList.addEventListener("click", (event) => {
      const option = event.target.closest("[data-index]");
      if (option) this.#take(Number(option.dataset.index));
    });
    parts.rationale.addEventListener("keydown", (event) => {
      if (event.key !== " " || !event.ctrlKey) return;
      event.preventDefault();
      this.open(parts.rationale.selectionStart);
    });
  }

  /** `caret` is where the phrase goes, null for the end. */
  open(caret = null) {
    this.#caret = caret;
    this.#parts.phraseInput.value = "";
    this.#search();
    this.#parts.phrasebook.showModal();
  }

  get #score() {
    const { store } = this.#bench;
    return store.score(store.current);
  }

  #search() {
    this.#offered = offered(this.#phrases, this.#score, this.#parts.phraseInput.value);
    this.#at = 0;
    this.#parts.phraseNone.hidden = this.#offered.length > 0;
    this.#parts.phraseList.replaceChildren(...this.#offered.map(row));
    this.#point();
  }

  #point() {
    const rows = [...this.#parts.phraseList.children];
    rows.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.#at)));
    rows[this.#at]?.scrollIntoView({ block: "nearest" });
    this.#parts.phraseInput.setAttribute("aria-activedescendant", rows[this.#at]?.id ?? "");
  }

  #onKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (!by) return this.#take(this.#at);
    this.#at = Math.min(this.#offered.length - 1, Math.max(0, this.#at + by));
    this.#point();
  }

  #take(index) {
    const phrase = this.#offered[index];
    if (!phrase) return;
    this.#parts.phrasebook.close();
    const { text, start } = inserted(this.#score.rationale, phrase.text, this.#caret ?? undefined);
    if (this.#bench.editing.change({ rationale: text }, "phrase")) this.#place(phrase.text, start);
  }

  /** The caret goes into the gap to be written, or back to where writing was. */
  #place(words, start) {
    const gap = gapIn(words);
    const box = this.#parts.rationale;
    if (!gap && this.#caret === null) return box.blur();
    box.focus();
    if (gap) box.setSelectionRange(start + gap.start, start + gap.end);
    else box.setSelectionRange(start + words.length, start + words.length);
  }
}

function row({ rule, stages, text }, index) {
  return element(
    "li",
    { id: `phrase-${index}`, role: "option", "data-index": index, "aria-selected": "false" },
    element("span", { class: "phrase__rule" }, rule ?? stages.join(" ")),
    element("span", {}, text),
  );
}

/** The rationale box: its words are the epoch's. */
export function attachRationaleBox({ parts, store, session, turning, editing, answers }) {
  attachRationale(parts.rationale, {
    onText: (rationale) => editing.change({ rationale }, "rationale"),
    onLeave: () => {
      session.flush();
      const gaps = gapCount(parts.rationale.value);
      if (gaps && editing.isOpen)
        answers.say(`Epoch ${store.current + 1}: ${gapsIn(gaps)} left in the rationale; Tab in the text goes there`);
    },
    onLeftOut: (words) => answers.say(words),
    onNext: () => turning.by(1),
  });
}
