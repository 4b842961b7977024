// The rationale as the one block of reading text, its rules beside it. Words that point at a place light it.

import { element, setText } from "../workbench/dom.js";
import { piecesOf } from "./places.js";

export class RationaleText {
  #parts;
  #onLight;
  #pieces = [];

  /** `onLight(place)` when words that point at a place are chosen; null when they are left. */
  constructor({ parts, onLight }) {
    this.#parts = parts;
    this.#onLight = onLight;
    const { rationale } = parts;
    rationale.addEventListener("click", ({ target }) => this.#click(target.closest("[data-place]")));
  }

  show({ stage, rationale, rules }) {
    const { stage: chip, rationale: block, rules: list } = this.#parts;
    setText(chip, stage);
    chip.dataset.stage = stage;
    this.#pieces = piecesOf(rationale);
    block.replaceChildren(...this.#pieces.map(piece));
    list.replaceChildren(...rules.map(ruleOf));
  }

  /** The next words that point at a place; false where there are none. */
  next() {
    const links = this.#links;
    const [lit] = links.filter((link) => link.hasAttribute("data-lit"));
    const next = links[(links.indexOf(lit) + 1) % links.length];
    if (!next) return false;
    next.focus();
    this.#light(next);
    return true;
  }

  /** Put the light out. */
  dark() {
    document.activeElement?.blur();
    this.#light(null);
  }

  /** Wording of the rules: all of it, or none. */
  toggleWording() {
    const all = [...this.#parts.rules.children];
    const opens = all.some((rule) => !rule.open);
    for (const rule of all) rule.open = opens;
  }

  get #links() {
    return [...this.#parts.rationale.querySelectorAll("[data-place]")];
  }

  #click(link) {
    if (link) this.#light(link.hasAttribute("data-lit") ? null : link);
  }

  #light(link) {
    for (const other of this.#links) {
      other.toggleAttribute("data-lit", other === link);
      other.setAttribute("aria-pressed", String(other === link));
    }
    this.#onLight(link ? this.#pieces[Number(link.dataset.place)].place : null);
  }
}

function piece({ text, place }, index) {
  if (!place) return text;
  const where = place.derivations?.join(", ") ?? "all derivations";
  return element("button", { type: "button", class: "mention", "data-place": index, "aria-pressed": "false", title: `Shows it in the signal: ${where} (E)` }, text);
}

function ruleOf({ id, title, text }) {
  return element("details", {}, element("summary", {}, element("b", {}, id), ` ${title}`), element("p", {}, text));
}
