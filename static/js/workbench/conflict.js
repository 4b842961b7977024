// An epoch that was changed elsewhere meanwhile: both sides, and a choice. The work can go on beside it.

import { element, setText, stageChip } from "./dom.js";

const flagsOf = ({ flags }) => flags.join(", ");

export class ConflictPanel {
  #parts;
  #epoch = null;
  #theirs = null;
  #about;

  /** `about(content)` says what there is to say of a side beside stage, rules and rationale. */
  constructor({ parts, onMine, onTheirs, onGo, about = flagsOf }) {
    this.#parts = parts;
    this.#about = about;
    parts.keepMine.addEventListener("click", () => onMine(this.#epoch));
    parts.takeTheirs.addEventListener("click", () => onTheirs(this.#epoch, this.#theirs));
    parts.conflictGo.addEventListener("click", () => onGo(this.#epoch));
    parts.conflict.addEventListener("keydown", ({ key }) => key === "Escape" && document.activeElement.blur());
  }

  show(conflicts) {
    const { conflict: panel, conflictTitle, conflictMine, conflictTheirs } = this.#parts;
    panel.hidden = conflicts.length === 0;
    if (!conflicts.length) return;
    const { epoch, content, conflict } = conflicts[0];
    [this.#epoch, this.#theirs] = [epoch, conflict];
    const more = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : "";
    setText(conflictTitle, `Epoch ${epoch + 1} was also changed elsewhere${more}. Nothing is lost: choose what stands.`);
    conflictMine.replaceChildren(...this.#side("Mine, not saved yet", content));
    conflictTheirs.replaceChildren(...this.#side("Saved elsewhere", conflict));
  }

  /** Whether there is a side to choose. */
  focus() {
    const isAsked = !this.#parts.conflict.hidden;
    if (isAsked) this.#parts.keepMine.focus();
    return isAsked;
  }

  #side(title, content) {
    const { stage, rules, rationale } = content;
    const about = [rules.join(", ") || "no rule", this.#about(content)].filter(Boolean).join(" · ");
    return [
      element("h3", {}, title),
      element("p", {}, stageChip(stage), ` ${about}`),
      element("p", { class: "conflict__text", dir: "auto" }, rationale || "No rationale."),
    ];
  }
}
