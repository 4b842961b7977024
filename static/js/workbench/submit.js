// Handing the scoring in: what is still open, said before; the server has the last word.

import { element, setText } from "./dom.js";
import { runs } from "./store.js";

const MOST_RUNS = 24;

function label({ first, last }) {
  return first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;
}

export class SubmitDialog {
  #parts;
  #store;
  #onGo;

  /** `submit(body)` asks the server; `onSubmitted()` follows when it agreed. */
  constructor({ parts, store, onGo, submit, onSubmitted }) {
    this.#parts = parts;
    this.#store = store;
    this.#onGo = onGo;
    parts.submitNow.addEventListener("click", () => this.#handIn(submit, onSubmitted));
  }

  open({ waiting }) {
    const unscored = this.#store.unscored();
    const scored = this.#store.epochCount - unscored.length;
    const open = unscored.length === 1 ? "1 epoch is not scored." : `${unscored.length} epochs are not scored.`;
    setText(this.#parts.submitLead, unscored.length ? open : `All ${scored} epochs are scored.`);
    setText(this.#parts.submitNow, unscored.length ? `Submit with ${unscored.length} not scored` : "Submit");
    this.#parts.submitNow.disabled = waiting > 0;
    this.#parts.submitList.replaceChildren(...this.#links(runs(unscored)));
    this.#say(waiting ? `${waiting} changes are still on their way to the server. Submit when they are saved.` : "");
    if (!this.#parts.submitDialog.open) this.#parts.submitDialog.showModal();
  }

  async #handIn(submit, onSubmitted) {
    try {
      await submit({ accept_unscored: this.#store.unscored().length > 0 });
      this.#close();
      onSubmitted();
    } catch (error) {
      const named = (error.body?.errors ?? []).map(({ epoch, message }) => `Epoch ${epoch + 1}: ${message}`);
      this.#say([error.message, ...named].join("\n"));
    }
  }

  #say(text) {
    this.#parts.submitError.hidden = text === "";
    setText(this.#parts.submitError, text);
  }

  #close() {
    this.#parts.submitDialog.close();
  }

  #links(found) {
    const links = found.slice(0, MOST_RUNS).map((run) => this.#link(run));
    return found.length > MOST_RUNS ? [...links, element("li", { class: "muted" }, `and ${found.length - MOST_RUNS} more places`)] : links;
  }

  #link(run) {
    const button = element("button", { type: "button", class: "button" }, label(run));
    button.addEventListener("click", () => {
      this.#close();
      this.#onGo(run.first);
    });
    return element("li", {}, button);
  }
}
