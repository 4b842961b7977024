// The dialog of the lights marks: their times, whose they are, and everything that became of them.

import { dateAndTime } from "../dates.js";
import { element, setText } from "./dom.js";
import { SIDES } from "./lights.js";

const WHOSE = { own: "marked by the scorer", file: "as the recording has it", "": "not marked" };
const WHY = { edit: "", undo: "undone: ", redo: "redone: ", import: "imported: ", consensus: "consensus: ", copy: "copied: " };

export class LightsDialog {
  #parts;
  #lights;
  #clock;
  #fetch;
  #nightS;
  #onChange;

  /** `fetch()` resolves with the marks and their history; `onChange(marks)` is false where nothing may be changed. */
  constructor({ parts, lights, clock, nightS, fetch, onChange }) {
    [this.#parts, this.#lights, this.#clock, this.#fetch] = [parts, lights, clock, fetch];
    [this.#nightS, this.#onChange] = [nightS, onChange];
    lights.addEventListener("saved", () => parts.lightsDialog.open && this.#showHistory());
    parts.lightsCancel.addEventListener("click", () => parts.lightsDialog.close());
    parts.lightsForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep();
    });
  }

  open() {
    for (const side of SIDES) {
      const at = this.#lights.at(side);
      this.#parts[`${side}Input`].value = at === null ? "" : this.#clock.timeAt(at);
      setText(this.#parts[`${side}Whose`], WHOSE[this.#lights.whose(side)]);
    }
    this.#complain("");
    this.#parts.lightsDialog.showModal();
    this.#showHistory();
  }

  #keep() {
    let marks = this.#lights.own;
    for (const side of SIDES) {
      const text = this.#parts[`${side}Input`].value.trim();
      const at = this.#lights.at(side);
      if (text === (at === null ? "" : this.#clock.timeAt(at))) continue;
      const second = text === "" ? null : this.#clock.secondAt(text, this.#nightS);
      if (text !== "" && second === null) return this.#complain(`${text} is no time of this night. Write it as 22:41:30.`);
      marks = { ...marks, [`${side}_s`]: this.#lights.with(side, second)[`${side}_s`] };
    }
    const problem = this.#lights.problem(marks);
    if (problem) return this.#complain(`${problem}.`);
    this.#parts.lightsDialog.close();
    this.#onChange(marks);
  }

  #complain(text) {
    this.#parts.lightsError.hidden = text === "";
    setText(this.#parts.lightsError, text);
  }

  async #showHistory() {
    const { lightsHistory } = this.#parts;
    try {
      const { revisions } = await this.#fetch();
      lightsHistory.replaceChildren(...revisions.map((revision) => this.#change(revision)));
    } catch (error) {
      if (!("status" in error)) throw error;
      lightsHistory.replaceChildren(element("li", { class: "muted" }, `The history could not be fetched: ${error.message}`));
    }
  }

  #change({ at, who, why, from, to }) {
    const told = SIDES.filter((side) => from[`${side}_s`] !== to[`${side}_s`])
      .map((side) => `${side}: ${this.#timeOf(from[`${side}_s`])} → ${this.#timeOf(to[`${side}_s`])}`);
    return element("li", {},
      `${WHY[why] ?? ""}${told.join(", ") || "as they were"} `,
      element("span", { class: "muted num" }, `${who}, ${dateAndTime(new Date(at))}`));
  }

  #timeOf(recordingS) {
    return recordingS === null ? "the recording’s" : this.#clock.timeAt(this.#lights.nightOf(recordingS));
  }
}
