// The scores on the page: radios by dimension with the words of each level, comment and "cannot judge".

import { setText } from "../workbench/dom.js";
import { DIMENSIONS, emptyRating, missingOf, nextDimension } from "./content.js";

const COMMENT_PAUSE_MS = 600;
const NAMES = { factual_accuracy: "accuracy", evidence_comprehensiveness: "evidence", logical_coherence: "coherence" };

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
    this.#sets = new Map(DIMENSIONS.map((name) => [name, parts.form.querySelector(`[data-dimension="${name}"]`)]));
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
    this.#given = DIMENSIONS.filter((name) => content[name] !== null);
    this.#parts.comment.value = content.comment;
    for (const input of this.#parts.form.querySelectorAll("input, textarea")) input.disabled = isFinal;
    this.#paint();
  }

  /** A digit scores the dimension whose turn it is; with all scored, the last one is changed. */
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
    if (this.#parts.comment.value !== this.#content.comment) this.#put({ ...this.#content, comment: this.#parts.comment.value }, "comment");
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

  /** The dimension whose turn it is shows the words of all its levels; with all scored, the one that a digit changes. */
  #paint() {
    const turn = this.#content.cannot_judge ? null : nextDimension(this.#content);
    const open = turn ?? this.#given.at(-1) ?? DIMENSIONS[0];
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
    this.#parts.commentField.toggleAttribute("data-asked", comment);
    const scores = missing.filter((name) => name !== "comment").map((name) => NAMES[name]);
    setText(this.#parts.commentAsk, comment ? "needed: what is wrong?" : "needed at 2 or less");
    setText(this.#parts.missing, [...scores, ...(comment ? ["a comment"] : [])].join(", ").replace(/^(?=.)/, "still: "));
  }
}

function wordsOf(input) {
  return input ? `${input.value}: ${input.dataset.words}` : "";
}
