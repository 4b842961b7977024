// The scores on the page: radios by dimension, the words of a level, comment and "cannot judge".

import { DIMENSIONS, emptyRating, missingOf, nextDimension } from "./content.js";

const COMMENT_PAUSE_MS = 600;
const NAMES = { factual_accuracy: "accuracy", evidence_comprehensiveness: "evidence", logical_coherence: "coherence" };

/** "change" events carry the new content. */
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
    this.#sets.forEach((set) => this.#showWordsOnHover(set));
  }

  get content() {
    return this.#content;
  }

  show(content) {
    this.#content = { ...content };
    this.#given = DIMENSIONS.filter((name) => content[name] !== null);
    this.#parts.comment.value = content.comment;
    this.#paint();
  }

  /** A digit scores the dimension whose turn it is; with all scored, the last one is changed. */
  score(level) {
    this.#set(nextDimension(this.#content) ?? this.#given.at(-1), level);
  }

  /** Take the last score back; false when there is none. */
  takeBack() {
    if (this.#content.cannot_judge) {
      this.toggleCannotJudge();
      return true;
    }
    const name = this.#given.pop();
    if (!name) return false;
    this.#put({ ...this.#content, [name]: null });
    return true;
  }

  toggleCannotJudge() {
    const cannot = !this.#content.cannot_judge;
    if (cannot) this.#given = [];
    this.#put({ ...(cannot ? emptyRating() : this.#content), cannot_judge: cannot, comment: this.#content.comment });
  }

  /** Put a typed comment into the content now, without waiting for a pause. */
  flush() {
    clearTimeout(this.#pause);
    if (this.#parts.comment.value !== this.#content.comment) this.#put({ ...this.#content, comment: this.#parts.comment.value });
  }

  #set(name, level) {
    this.#given = [...this.#given.filter((other) => other !== name), name];
    this.#put({ ...this.#content, [name]: level, cannot_judge: false });
  }

  #changed(input) {
    if (input.type === "radio") this.#set(input.name, Number(input.value));
    if (input.type === "checkbox") this.toggleCannotJudge();
  }

  #commented() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.flush(), COMMENT_PAUSE_MS);
  }

  #put(content) {
    this.#content = content;
    this.#paint();
    this.dispatchEvent(new CustomEvent("change", { detail: content }));
  }

  #paint() {
    const turn = this.#content.cannot_judge ? null : nextDimension(this.#content);
    this.#sets.forEach((set, name) => {
      set.toggleAttribute("data-turn", name === turn);
      for (const input of set.querySelectorAll("input")) input.checked = Number(input.value) === this.#content[name];
      this.#words(set, set.querySelector("input:checked"));
    });
    this.#parts.cannot.checked = this.#content.cannot_judge;
    this.#say(missingOf(this.#content));
  }

  #say(missing) {
    const comment = missing.includes("comment");
    this.#parts.commentField.toggleAttribute("data-asked", comment);
    const scores = missing.filter((name) => name !== "comment").map((name) => NAMES[name]);
    this.#parts.commentAsk.textContent = comment ? "needed: what is wrong?" : "asked for at 2 or less";
    this.#parts.missing.textContent = [...scores, ...(comment ? ["a comment"] : [])].join(", ").replace(/^(?=.)/, "still: ");
  }

  #words(set, input) {
    const [lowest, , , , highest] = [...set.querySelectorAll("input")].map((radio) => radio.dataset.words);
    set.querySelector(".dimension__words").textContent = input
      ? `${input.value}: ${input.dataset.words}`
      : `1: ${lowest} · 5: ${highest}`;
  }

  #showWordsOnHover(set) {
    set.addEventListener("pointerover", (event) => {
      const input = event.target.closest("label")?.querySelector("input");
      if (input) this.#words(set, input);
    });
    set.addEventListener("pointerleave", () => this.#words(set, set.querySelector("input:checked")));
  }
}
