// What a rating holds, and its form on the page; the own stage before it, the reference scores after it.

import * as changes from "../saving/changes.js";
import { element, setText } from "../site/dom.js";
import { DIMENSIONS } from "../site/registries.js";

// What a rating holds, and what it still lacks. The server decides; this is for the page to say it at once.

const NAMES = DIMENSIONS.map(({ name }) => name);
const NEEDS_COMMENT = 2;

export function emptyRating() {
  return { ...Object.fromEntries(NAMES.map((name) => [name, null])), cannot_judge: false, comment: "" };
}

/** The part of a server's answer that a rater gives. */
export function contentOf(answer) {
  return changes.contentOf(emptyRating(), answer);
}

export function missingOf(content) {
  if (content.cannot_judge) return [];
  const missing = NAMES.filter((name) => content[name] === null);
  const low = NAMES.some((name) => content[name] !== null && content[name] <= NEEDS_COMMENT);
  return low && !content.comment.trim() ? [...missing, "comment"] : missing;
}

/** The dimension the next digit goes to: the first without a score, else none. */
function nextDimension(content) {
  return NAMES.find((name) => content[name] === null) ?? null;
}

// The scores on the page: radios by dimension with the words of each level, comment and "cannot judge".

const COMMENT_PAUSE_MS = 600;

/** "change" events carry {before, after, field}. */
export class RatingForm extends EventTarget {
  #parts;
  #sets;
  #content = emptyRating();
  #given = [];
  #pause = 0;

  constructor(parts) {
    super();
    this.#parts = parts;
    this.#sets = new Map(NAMES.map((name) => [name, parts.form.querySelector(`[data-dimension="${name}"]`)]));
    parts.form.addEventListener("submit", (event) => event.preventDefault());
    parts.form.addEventListener("change", (event) => this.#changed(event.target));
    parts.comment.addEventListener("input", () => this.#commented());
    parts.comment.addEventListener("blur", () => this.flush());
  }

  get content() {
    return this.#content;
  }

  /** `isFinal`: it can be looked at, and no longer changed. */
  show(content, { isFinal = false } = {}) {
    clearTimeout(this.#pause);
    this.#content = { ...content };
    this.#given = NAMES.filter((name) => content[name] !== null);
    this.#parts.comment.value = content.comment;
    for (const input of this.#parts.form.querySelectorAll("input, textarea")) input.disabled = isFinal;
    this.#paint();
  }

  /** A digit scores the dimension whose turn it is; with all scored, the last is changed. */
  score(level) {
    this.#set(nextDimension(this.#content) ?? this.#given.at(-1), level);
  }

  /** What it would be without the last thing given; null where nothing is. */
  withoutLast() {
    if (this.#content.cannot_judge) return { ...this.#content, cannot_judge: false };
    const name = this.#given.at(-1);
    return name ? { ...this.#content, [name]: null } : null;
  }

  toggleCannotJudge() {
    const { comment, cannot_judge: cannot } = this.#content;
    this.#given = [];
    this.#put({ ...emptyRating(), cannot_judge: !cannot, comment }, "cannot");
  }

  /** Put a typed comment into the content now, without waiting for a pause. */
  flush() {
    clearTimeout(this.#pause);
    if (this.#parts.comment.value !== this.#content.comment)
      this.#put({ ...this.#content, comment: this.#parts.comment.value }, "comment");
  }

  /** Whether nothing is missing; else the page shows what is. */
  isComplete() {
    this.flush();
    const missing = missingOf(this.#content);
    if (missing.includes("comment") && missing.length === 1) this.#parts.comment.focus();
    else if (missing.length) this.#parts.missing.animate?.([{ opacity: 0.2 }, { opacity: 1 }], 120);
    return missing.length === 0;
  }

  #set(name, level) {
    this.#given = [...this.#given.filter((other) => other !== name), name];
    this.#put({ ...this.#content, [name]: level, cannot_judge: false }, name);
  }

  #changed(input) {
    if (input.type === "radio") this.#set(input.name, Number(input.value));
    if (input.type === "checkbox") this.toggleCannotJudge();
  }

  #commented() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.flush(), COMMENT_PAUSE_MS);
  }

  #put(after, field) {
    const before = this.#content;
    this.#content = after;
    this.#paint();
    this.dispatchEvent(new CustomEvent("change", { detail: { before, after, field } }));
  }

  /** The dimension that the next digit scores, or would change, shows the words of all its levels. */
  #paint() {
    const turn = this.#content.cannot_judge ? null : nextDimension(this.#content);
    const open = turn ?? this.#given.at(-1) ?? NAMES[0];
    this.#sets.forEach((set, name) => {
      set.toggleAttribute("data-turn", name === turn);
      set.toggleAttribute("data-open", name === open);
      for (const input of set.querySelectorAll("input")) input.checked = Number(input.value) === this.#content[name];
      setText(set.querySelector(".dimension__words"), wordsOf(set.querySelector("input:checked")));
    });
    this.#parts.form.toggleAttribute("data-cannot", this.#content.cannot_judge);
    this.#parts.cannot.checked = this.#content.cannot_judge;
    this.#say(missingOf(this.#content));
  }

  #say(missing) {
    const comment = missing.includes("comment");
    this.#parts.commentField.toggleAttribute("data-required", comment);
    const scores = DIMENSIONS.filter(({ name }) => missing.includes(name)).map(({ short }) => short);
    setText(this.#parts.commentAsk, comment ? "required: what is wrong?" : "required at 2 or less");
    setText(
      this.#parts.missing, [...scores, ...(comment ? ["a comment"] : [])].join(", ").replace(/^(?=.)/, "missing: "),
    );
  }
}

function wordsOf(input) {
  return input ? `${input.value}: ${input.dataset.words}` : "";
}

// The rater's own stage first, where the design requires it: the text is not sent before the stage is saved.

export class OwnStage {
  #parts;
  #keep;
  #onText;
  #item = null;
  #stage = null;
  #isKeeping = false;

  /** `keep(code, stage)` sends it and resolves with the item and its text; `onText(item)` takes that. */
  constructor({ parts, keep, onText }) {
    this.#parts = parts;
    this.#keep = keep;
    this.#onText = onText;
  }

  /** Request the stage of an item, or show which stage was given. */
  show(item) {
    this.#item = item;
    this.#stage = null;
    this.#isKeeping = false;
    this.#parts.own.hidden = !item.awaits_stage;
    this.#parts.ownGiven.hidden = item.own_stage === null;
    setText(this.#parts.ownGiven, item.own_stage ? `Your own stage: ${item.own_stage}.` : "");
    this.#paint("");
  }

  choose(stage) {
    if (this.#isKeeping) return;
    this.#stage = stage;
    this.#paint("");
  }

  async confirm() {
    if (!this.#stage || this.#isKeeping) return;
    const item = this.#item;
    this.#isKeeping = true;
    this.#paint("Saving …");
    try {
      this.#onText(await this.#keep(item.code, this.#stage));
    } catch (error) {
      if (!("status" in error)) throw error;
      if (item === this.#item) this.#refused(error);
    }
  }

  #refused(error) {
    this.#isKeeping = false;
    this.#paint(error.status === 401 ? "Not saved: you are signed out. Sign in in a new tab, then try again."
      : `Not saved yet. ${error.message} Try again. The rationale is shown after your stage is saved.`);
  }

  #paint(words) {
    const { ownStages, ownNext, ownWords } = this.#parts;
    for (const button of ownStages.children)
      button.setAttribute("aria-pressed", String(button.dataset.stage === this.#stage));
    ownNext.disabled = !this.#stage || this.#isKeeping;
    setText(ownWords, words);
  }
}

// After a calibration item was rated: the reference scores beside those given.

export class Feedback {
  #parts;

  constructor(parts) {
    this.#parts = parts;
  }

  /** `feedback` is {scores, explanation} or null, `content` the rating that was fixed. */
  show(feedback, content) {
    const { feedback: panel, feedbackRows, feedbackText } = this.#parts;
    panel.hidden = !feedback;
    if (!feedback) return;
    setText(feedbackText, feedback.explanation);
    feedbackText.hidden = !feedback.explanation;
    feedbackRows.replaceChildren(
      ...DIMENSIONS.map(({ name, title }) => feedbackRow(title, content[name], feedback.scores[name])),
    );
  }
}

function feedbackRow(title, given, reference) {
  return element("tr", {},
    element("th", { scope: "row" }, title), element("td", { class: "num" }, given === null ? "–" : String(given)),
    element("td", { class: "num" }, String(reference)), element("td", {}, comparison(given, reference)));
}

/** How a score lies beside the reference score, in words. */
function comparison(given, reference) {
  if (given === null) return "not rated";
  const by = given - reference;
  if (by === 0) return "none";
  return `${Math.abs(by)} ${by > 0 ? "higher" : "lower"}${Math.abs(by) === 1 ? ": within 1 point" : ""}`;
}
