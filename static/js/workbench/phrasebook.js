// The phrase palette: a key opens it, typing narrows it, Enter puts the phrase into the rationale.

import { element } from "./dom.js";
import { gapIn, inserted, offered } from "./phrases.js";

export class Phrasebook {
  #parts;
  #phrases;
  #scoreOf;
  #onText;
  #found = [];
  #at = 0;
  #caret = null;

  /** `scoreOf()` is the score of the epoch on the page; `onText(rationale)` changes it, false where it may not. */
  constructor({ parts, phrases, scoreOf, onText }) {
    this.#parts = parts;
    this.#phrases = phrases;
    this.#scoreOf = scoreOf;
    this.#onText = onText;
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

  #search() {
    this.#found = offered(this.#phrases, this.#scoreOf(), this.#parts.phraseInput.value);
    this.#at = 0;
    this.#parts.phraseNone.hidden = this.#found.length > 0;
    this.#parts.phraseList.replaceChildren(...this.#found.map(row));
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
    this.#at = Math.min(this.#found.length - 1, Math.max(0, this.#at + by));
    this.#point();
  }

  #take(index) {
    const phrase = this.#found[index];
    if (!phrase) return;
    this.#parts.phrasebook.close();
    const { text, start } = inserted(this.#scoreOf().rationale, phrase.text, this.#caret ?? undefined);
    if (this.#onText(text)) this.#place(phrase.text, start);
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
