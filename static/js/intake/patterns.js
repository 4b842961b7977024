// The patterns of file names, with what they make of the names, before they are applied.

import { element } from "../site/dom.js";
import { fileName } from "./words.js";

const QUIET_MS = 400;
const SHOWN = 8;

export class Patterns {
  #form;
  #api;
  #onSaved;
  #timer = null;

  constructor({ form, api, onSaved }) {
    this.#form = form;
    this.#api = api;
    this.#onSaved = onSaved;
    form.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#preview(), QUIET_MS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  /** Fill in what the queue has, or what was guessed; never over what a person types. */
  show({ pattern, stages_pattern: stages, guessed }) {
    const values = { pattern: pattern || guessed.pattern, stages_pattern: stages || guessed.stages_pattern };
    for (const [name, value] of Object.entries(values)) {
      const input = this.#form.elements[name];
      if (input === document.activeElement || input.dataset.typed) continue;
      input.value = value ?? "";
    }
  }

  get #values() {
    const { pattern, stages_pattern: stages } = this.#form.elements;
    return { pattern: pattern.value.trim(), stages_pattern: stages.value.trim() };
  }

  async #preview() {
    const list = this.#form.querySelector("[data-matches]");
    for (const name of ["pattern", "stages_pattern"]) this.#form.elements[name].dataset.typed = "yes";
    try {
      const { rows, stage_files: files, problem } = await this.#api.previewPatterns(this.#values);
      this.#say(problem);
      const matching = (named) => `${named.filter(({ matches }) => matches).length} of ${named.length}`;
      const lines = [
        `${matching(rows)} recordings and ${matching(files)} stage files match.`,
        ...rows.slice(0, SHOWN).map(rowWords),
        ...files
          .slice(0, SHOWN)
          .map(
            ({ name, scorer, matches }) =>
              `${fileName(name)}: ${matches ? `scorer ${scorer || "not in the name"}` : "no match"}`,
          ),
      ];
      list.replaceChildren(...lines.map((line) => element("li", {}, line)));
    } catch (error) {
      this.#say(error.message);
    }
  }

  async #save() {
    try {
      const state = await this.#api.setPatterns({ ...this.#values, keep_pattern: this.#form.elements.keep.checked });
      for (const name of ["pattern", "stages_pattern"]) delete this.#form.elements[name].dataset.typed;
      this.#say("");
      this.#form.querySelector("[data-matches]").replaceChildren();
      this.#onSaved(state);
    } catch (error) {
      this.#say(error.message);
    }
  }

  #say(words) {
    const error = this.#form.querySelector("[data-pattern-error]");
    error.textContent = words;
    error.hidden = !words;
  }
}

function rowWords({ name, subject, number, matches }) {
  if (!matches) return `${fileName(name)}: no match`;
  return `${fileName(name)}: subject ${subject}${number === null || number === "" ? "" : `, night ${number}`}`;
}
