// The history of the epoch on screen: who changed what, when and why. It lies over the right side and moves nothing.

import { dateAndTime } from "../dates.js";
import { element, setText, stageChip } from "./dom.js";

const PAUSE_MS = 150;
const WHY = {
  edit: "changed", undo: "undone", redo: "redone", import: "imported", model: "by the model", consensus: "consensus", copy: "copied for review",
  redacted: "words that name somebody taken out",
};
const TOOK = { whole: "taken from the suggestion", rationale: "rationale from the suggestion" };
const NOTHING = { stage: null, rules: [], rationale: "", flags: [], evidence: [] };

function lists(name, before, after) {
  const added = after.filter((entry) => !before.includes(entry)).map((entry) => `+ ${entry}`);
  const gone = before.filter((entry) => !after.includes(entry)).map((entry) => `− ${entry}`);
  const words = [...gone, ...added].join(", ");
  return words ? [[name, words]] : [];
}

/** What one change changed, as [name, words] pairs; the stage is told apart. */
export function differences(before, after) {
  const [from, to] = [before ?? NOTHING, after];
  const rows = [...lists("rules", from.rules, to.rules), ...lists("flags", from.flags, to.flags)];
  if (from.rationale !== to.rationale) rows.push(["rationale", to.rationale || "taken out"]);
  const [fewer, more] = [from.evidence.length, to.evidence.length];
  if (JSON.stringify(from.evidence) !== JSON.stringify(to.evidence)) rows.push(["evidence", `${fewer} to ${more} events`]);
  return rows;
}

function entry({ at, who, why, took, first, from, to }) {
  const before = from?.stage ?? null;
  const stages = before === to.stage ? [stageChip(to.stage)] : [stageChip(before), " to ", stageChip(to.stage)];
  const rows = differences(from, to).flatMap(([name, words]) => [element("dt", {}, name), element("dd", { dir: "auto" }, words)]);
  const words = [TOOK[took] ?? WHY[why] ?? why, ...(first ? ["locked as the first answer"] : [])];
  return element(
    "li",
    {},
    element("p", { class: "history__what" }, ...stages, element("span", { class: "muted" }, ` ${words.join(", ")}`)),
    element("p", { class: "muted num" }, `${who}, ${dateAndTime(new Date(at))}`),
    element("dl", {}, ...rows),
  );
}

export class HistoryPanel {
  #parts;
  #fetch;
  #epoch = 0;
  #timer = null;
  #cameFrom = null;

  /** `fetch(epoch)` resolves with {epoch, revisions}, the newest first. */
  constructor({ parts, fetch }) {
    this.#parts = parts;
    this.#fetch = fetch;
    parts.historyClose.addEventListener("click", () => this.toggle());
    parts.history.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.toggle();
    });
  }

  toggle() {
    const { history } = this.#parts;
    history.hidden = !history.hidden;
    if (history.hidden) return this.#giveFocusBack();
    this.#cameFrom = document.activeElement;
    this.show(this.#epoch);
    history.focus({ preventScroll: true });
  }

  #giveFocusBack() {
    document.activeElement?.blur();
    this.#cameFrom?.focus({ preventScroll: true });
  }

  show(epoch) {
    this.#epoch = epoch;
    if (this.#parts.history.hidden) return;
    setText(this.#parts.historyTitle, `History of epoch ${epoch + 1}`);
    this.refreshSoon();
  }

  /** After the page has turned, or a save has arrived. */
  refreshSoon() {
    if (this.#parts.history.hidden) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(this.#epoch), PAUSE_MS);
  }

  async #refresh(epoch) {
    const { historyList, historyNote } = this.#parts;
    try {
      const { revisions } = await this.#fetch(epoch);
      if (epoch !== this.#epoch) return;
      historyList.replaceChildren(...revisions.map(entry));
      setText(historyNote, revisions.length ? "" : "Nothing has been saved for this epoch yet. Every change will be listed here.");
    } catch (error) {
      if (!("status" in error)) throw error;
      historyList.replaceChildren();
      setText(historyNote, `The history could not be fetched: ${error.message}`);
    }
  }
}
