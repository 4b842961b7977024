// What is suggested for the epoch on screen, beside one's own answer; or why it is not shown.

import { element, setText } from "./dom.js";
import { mentions } from "./mentions.js";
import { comparison } from "./suggestions.js";

const KINDS = { model: "model", human: "another scorer", import: "imported scoring", consensus: "consensus" };
const COMPARED = { agrees: "agrees with yours", "same stage": "same stage, other rules", differs: "differs from yours" };
const REVIEWED = { agrees: "unchanged", "same stage": "rules changed", differs: "stage changed" };

function percent(probability) {
  return `${Math.round(probability * 100)} %`;
}

export class SuggestionPanel {
  #parts;
  #rules;
  #onLight;
  #compared;
  #drawn = null;
  #isScrolled = false;

  /** `rules` by id; `onLight(event)` when a time in the rationale is looked at, null when it is left. */
  constructor({ parts, rules, onLight, isReview }) {
    this.#compared = isReview ? REVIEWED : COMPARED;
    this.#parts = parts;
    this.#rules = rules;
    this.#onLight = onLight;
    const light = (event) => {
      const link = event.target.closest("[data-mention]");
      if (link) onLight(this.#drawn.pieces[Number(link.dataset.mention)].event);
    };
    for (const name of ["focusin", "click"]) parts.suggestionText.addEventListener(name, light);
    parts.suggestionText.addEventListener("focusout", () => onLight(null));
    parts.suggestionBody.addEventListener("scroll", () => (this.#isScrolled = true), { passive: true });
    parts.suggestion.addEventListener("keydown", (event) => event.key === "Escape" && event.target.blur());
    parts.suggestionRules.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-wording]");
      if (chip) this.#toggleWording(chip);
    });
  }

  /** `suggestion` is null where there is none; `why` says in words why nothing is shown, "" otherwise. */
  show({ suggestion, score, why, canLock }) {
    const { suggestionBody, suggestionState, suggestionHead, lock } = this.#parts;
    lock.hidden = !canLock;
    setText(suggestionState, why);
    suggestionState.hidden = why === "";
    for (const node of [suggestionBody, suggestionHead]) node.hidden = !suggestion;
    if (suggestion !== this.#drawn?.suggestion) this.#draw(suggestion);
    if (suggestion) this.#compare(comparison(score, suggestion));
  }

  #draw(suggestion) {
    this.#onLight(null);
    this.#drawn = suggestion && { suggestion, pieces: mentions(suggestion) };
    if (!suggestion) return this.#parts.suggestionText.replaceChildren();
    const { stage, rules, kind, probability } = suggestion;
    const { suggestionStage, suggestionKind, suggestionProbability, suggestionRules, suggestionText, suggestionWording } = this.#parts;
    suggestionStage.dataset.stage = stage ?? "";
    setText(suggestionStage, stage ?? "?");
    setText(suggestionKind, KINDS[kind] ?? kind);
    suggestionProbability.hidden = probability === null;
    setText(suggestionProbability, probability === null ? "" : percent(probability));
    suggestionRules.replaceChildren(...rules.map((id) => this.#ruleChip(id)));
    suggestionWording.hidden = true;
    suggestionText.replaceChildren(...this.#drawn.pieces.map(piece));
    this.#toTop();
  }

  /** Asked for only where it was scrolled: it makes the browser lay the page out at once. */
  #toTop() {
    if (this.#isScrolled) this.#parts.suggestionBody.scrollTop = 0;
    this.#isScrolled = false;
  }

  #compare(word) {
    const { suggestionCompared } = this.#parts;
    setText(suggestionCompared, this.#compared[word] ?? "");
    suggestionCompared.toggleAttribute("data-differs", word === "differs");
  }

  #ruleChip(id) {
    const rule = this.#rules.get(id);
    const title = rule ? `${rule.title}. ${rule.text}` : "Not a rule of this edition";
    return element("button", { type: "button", class: "suggestion__rule", "data-wording": id, "aria-expanded": "false", title }, id);
  }

  #toggleWording(chip) {
    const { suggestionWording, suggestionRules } = this.#parts;
    const opens = chip.getAttribute("aria-expanded") === "false";
    for (const other of suggestionRules.children) other.setAttribute("aria-expanded", String(other === chip && opens));
    suggestionWording.hidden = !opens;
    setText(suggestionWording, chip.title);
    this.#toTop();
  }
}

function piece({ text, event }, index) {
  if (!event) return text;
  return element("button", { type: "button", class: "mention", "data-mention": index, title: `${event.derivation}: shows the wave` }, text);
}
