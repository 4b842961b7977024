// After a calibration item was rated: what the gold says, beside what was given.

import { element, setText } from "../workbench/dom.js";
import { DIMENSIONS } from "./content.js";

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
    feedbackRows.replaceChildren(...DIMENSIONS.map((name) => this.#row(name, content[name], feedback.scores[name])));
  }

  #row(name, given, gold) {
    const title = document.querySelector(`[data-dimension="${name}"] legend b`).textContent;
    return element("tr", {},
      element("th", { scope: "row" }, title), element("td", { class: "num" }, given === null ? "–" : String(given)),
      element("td", { class: "num" }, String(gold)), element("td", {}, comparison(given, gold)));
  }
}

/** How a score lies beside the gold, in words. */
export function comparison(given, gold) {
  if (given === null) return "not judged";
  const by = given - gold;
  if (by === 0) return "the same";
  return `${Math.abs(by)} ${by > 0 ? "higher" : "lower"}${Math.abs(by) === 1 ? ": within one" : ""}`;
}
