// One's own stage first, where the design asks for it: the text is not sent before it is kept.

import { setText } from "../workbench/dom.js";

export class OwnStage {
  #parts;
  #keep;
  #onText;
  #item = null;
  #stage = null;
  #isKeeping = false;

  /** `keep(code, stage)` sends it and resolves with the item and its text; `onText(item)` takes that. */
  constructor({ parts, keep, onText }) {
    this.#parts = parts;
    this.#keep = keep;
    this.#onText = onText;
  }

  /** Ask for the stage of an item, or say which one was given. */
  show(item) {
    this.#item = item;
    this.#stage = null;
    this.#isKeeping = false;
    this.#parts.own.hidden = !item.awaits_stage;
    this.#parts.ownGiven.hidden = item.own_stage === null;
    setText(this.#parts.ownGiven, item.own_stage ? `You staged it ${item.own_stage}.` : "");
    this.#paint("");
  }

  choose(stage) {
    if (this.#isKeeping) return;
    this.#stage = stage;
    this.#paint("");
  }

  async confirm() {
    if (!this.#stage || this.#isKeeping) return;
    const item = this.#item;
    this.#isKeeping = true;
    this.#paint("Keeping it …");
    try {
      this.#onText(await this.#keep(item.code, this.#stage));
    } catch (error) {
      if (!("status" in error)) throw error;
      if (item === this.#item) this.#refused(error);
    }
  }

  #refused(error) {
    this.#isKeeping = false;
    this.#paint(error.status === 401 ? "Not kept: you are signed out. Sign in in another tab, then press Enter again."
      : `Not kept yet. ${error.message} Press Enter to try again: the text comes once it is kept.`);
  }

  #paint(words) {
    const { ownStages, ownNext, ownWords } = this.#parts;
    for (const button of ownStages.children) button.setAttribute("aria-pressed", String(button.dataset.stage === this.#stage));
    ownNext.disabled = !this.#stage || this.#isKeeping;
    setText(ownWords, words);
  }
}
