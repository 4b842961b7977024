// Handing the scoring in: what is still open, said before; the server has the last word.

import { confirmByKey } from "./confirm.js";
import { element, setText } from "./dom.js";
import { runs } from "./store.js";

const MOST_RUNS = 24;
const MOST_FINDINGS = 200;

function label({ first, last }) {
  return first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;
}

export class SubmitDialog {
  #parts;
  #store;
  #findings;
  #onGo;
  #unlocked;
  #waiting = 0;

  /**
   * `unlocked()` lists the epochs whose answer was never locked, where the mode asks for locks;
   * `submit(body)` asks the server; `onSubmitted()` follows when it agreed.
   */
  constructor({ parts, store, findings, unlocked, onGo, submit, onSubmitted }) {
    this.#unlocked = unlocked;
    this.#parts = parts;
    this.#store = store;
    this.#findings = findings;
    this.#onGo = onGo;
    findings.addEventListener("changed", () => this.#showFindings());
    parts.submitNow.addEventListener("click", () => this.#handIn(submit, onSubmitted));
    confirmByKey(parts.submitDialog, parts.submitNow);
  }

  open({ waiting }) {
    const unscored = this.#store.unscored();
    const scored = this.#store.epochCount - unscored.length;
    const open = unscored.length === 1 ? "1 epoch is not scored." : `${unscored.length} epochs are not scored.`;
    setText(this.#parts.submitLead, unscored.length ? open : `All ${scored} epochs are scored.`);
    setText(this.#parts.submitNow, unscored.length ? `Submit with ${unscored.length} not scored` : "Submit");
    this.#parts.submitList.replaceChildren(...this.#links(runs(unscored)));
    this.#showUnlocked();
    this.#showFindings();
    this.#say("");
    this.#showWaiting(waiting);
    if (!this.#parts.submitDialog.open) this.#parts.submitDialog.showModal();
    if (!unscored.length) this.#parts.submitNow.focus();
  }

  /** The save queue has moved: what was on its way may have arrived. */
  follow({ waiting }) {
    if (this.#parts.submitDialog.open && waiting !== this.#waiting) this.#showWaiting(waiting);
  }

  #showWaiting(waiting) {
    const changes = waiting === 1 ? "1 change is" : `${waiting} changes are`;
    this.#waiting = waiting;
    this.#parts.submitNow.disabled = waiting > 0;
    this.#parts.submitWaiting.hidden = waiting === 0;
    setText(this.#parts.submitWaiting, waiting ? `${changes} still on the way to the server. Submit once all is saved.` : "");
    if (!waiting) this.#findings.refresh();
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
    return element("li", {}, this.#goTo(run.first, { class: "button" }, label(run)));
  }

  #goTo(epoch, attributes, ...words) {
    const button = element("button", { type: "button", ...attributes }, ...words);
    button.addEventListener("click", () => {
      this.#close();
      this.#onGo(epoch);
    });
    return button;
  }

  #showUnlocked() {
    const { submitUnlocked, submitUnlockedList } = this.#parts;
    if (!submitUnlocked) return;
    const epochs = this.#unlocked();
    const [never, their] = epochs.length === 1 ? ["staged epoch was never locked", "its"] : ["staged epochs were never locked", "their"];
    submitUnlocked.hidden = !epochs.length;
    setText(submitUnlocked, `${epochs.length} ${never}: ${their} suggestion stayed closed, and there is no second answer.`);
    submitUnlockedList.replaceChildren(...this.#links(runs(epochs)));
  }

  #showFindings() {
    const found = this.#findings.all;
    const errors = found.filter(({ level }) => level === "error").length;
    const warnings = found.length - errors;
    const count = (number, word) => (number ? [`${number} ${word}${number === 1 ? "" : "s"}`] : []);
    const said = [...count(errors, "error"), ...count(warnings, "warning")].join(" and ");
    setText(this.#parts.submitChecks, said ? `The rule checks found ${said}${errors ? "; errors stop the submission" : ""}.` : "The rule checks found nothing.");
    this.#parts.submitFindings.replaceChildren(...found.slice(0, MOST_FINDINGS).map((finding) => this.#finding(finding)));
  }

  #finding({ epoch, level, message }) {
    const words = [element("span", { class: "num" }, `epoch ${epoch + 1}`), element("span", {}, message)];
    return element("li", {}, this.#goTo(epoch, { class: "submit__finding", "data-level": level }, ...words));
  }
}
