// An epoch that was changed elsewhere meanwhile: both sides, and a choice. The work can go on beside it.

import { element, setText, stageChip } from "./dom.js";

function side(title, { stage, rules, rationale, flags }) {
  return [
    element("h3", {}, title),
    element("p", {}, stageChip(stage), ` ${rules.join(", ") || "no rule"}${flags.length ? ` · ${flags.join(", ")}` : ""}`),
    element("p", { class: "conflict__text", dir: "auto" }, rationale || "No rationale."),
  ];
}

export class ConflictPanel {
  #parts;
  #epoch = null;
  #theirs = null;

  constructor({ parts, onMine, onTheirs, onGo }) {
    this.#parts = parts;
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
    conflictMine.replaceChildren(...side("Mine, not saved yet", content));
    conflictTheirs.replaceChildren(...side("Saved elsewhere", conflict));
  }

  focus() {
    if (this.#epoch !== null) this.#parts.keepMine.focus();
  }
}
