// What the rule checks of the server say, and handing the scoring in.

import { element, setText } from "../site/dom.js";
import { runs } from "./scores.js";

// Findings stand beside the rules during scoring, and say where to look before submitting.
// Every fetch brings the whole list, for a change can settle a finding many epochs away.

const PAUSE_MS = 500;

/** "changed" events: a new list. `fetch()` resolves with {findings: [{epoch, level, code, message}]}. */
export class Findings extends EventTarget {
  #fetch;
  #byEpoch = new Map();
  #timer = null;
  #requests = 0;

  constructor({ fetch }) {
    super();
    this.#fetch = fetch;
  }

  get all() {
    return [...this.#byEpoch.values()].flat();
  }

  of(epoch) {
    return this.#byEpoch.get(epoch) ?? [];
  }

  /** The next epoch after `from` with a finding, round the end of the night; null when there is none. */
  next(from) {
    const epochs = [...this.#byEpoch.keys()].sort((a, b) => a - b);
    return epochs.find((epoch) => epoch > from) ?? epochs[0] ?? null;
  }

  /** Ask once the saves that come in a row are over. */
  refreshSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), PAUSE_MS);
  }

  /** Without an answer the last list stands: it is advice, and the server checks again at submission. */
  async refresh() {
    clearTimeout(this.#timer);
    const request = ++this.#requests;
    const answer = await this.#fetch().catch((error) => {
      if (!("status" in error)) throw error;
      return null;
    });
    if (answer && request === this.#requests) this.#take(answer.findings);
  }

  #take(findings) {
    this.#byEpoch = Map.groupBy(findings, ({ epoch }) => epoch);
    this.dispatchEvent(new Event("changed"));
  }
}

/** Shows the findings of the epoch on screen in the place of the rules' wording: nothing moves. */
export class FindingsLine {
  #parts;
  #findings;
  #epoch = 0;

  constructor({ parts, findings }) {
    this.#parts = parts;
    this.#findings = findings;
    findings.addEventListener("changed", () => this.show(this.#epoch));
  }

  show(epoch) {
    this.#epoch = epoch;
    const { finding, toCheck } = this.#parts;
    const text = this.#findings.of(epoch).map(({ message }) => message).join(" ");
    finding.hidden = text === "";
    setText(finding, text);
    finding.title = text;
    const count = new Set(this.#findings.all.map(({ epoch: at }) => at)).size;
    toCheck.hidden = count === 0;
    setText(toCheck, `${count} to check`);
  }
}

// Submitting: what is still open stands in the dialog; the server has the last word.

const MOST_RUNS = 24;
const MOST_FINDINGS = 200;

function label({ first, last }) {
  return first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;
}

export class SubmitDialog {
  #bench;
  #parts;
  #store;
  #findings;
  #unlocked;
  #waiting = 0;

  /**
   * `unlocked()` lists the epochs whose answer was never locked, where the mode asks for locks;
   * `submit(body)` sends the scoring to the server.
   */
  constructor(bench, { findings, unlocked, submit }) {
    const { parts, store } = bench;
    [this.#bench, this.#parts, this.#store] = [bench, parts, store];
    [this.#findings, this.#unlocked] = [findings, unlocked];
    findings.addEventListener("changed", () => this.#showFindings());
    parts.submitNow.addEventListener("click", () => this.#handIn(submit));
  }

  open({ waiting }) {
    const unscored = this.#store.unscored();
    const scored = this.#store.epochCount - unscored.length;
    const open = unscored.length === 1 ? "1 epoch is not scored." : `${unscored.length} epochs are not scored.`;
    setText(this.#parts.submitLead, unscored.length ? open : `All ${scored} epochs are scored.`);
    const epochs = unscored.length === 1 ? "1 epoch" : `${unscored.length} epochs`;
    setText(this.#parts.submitNow, unscored.length ? `Submit with ${epochs} not scored` : "Submit scoring");
    this.#parts.submitList.replaceChildren(...this.#links(runs(unscored)));
    this.#showUnlocked();
    this.#showFindings();
    this.#say("");
    this.#showWaiting(waiting);
    if (!this.#parts.submitDialog.open) this.#parts.submitDialog.showModal();
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
    setText(
      this.#parts.submitWaiting,
      waiting ? `${changes} not saved yet. Wait until all changes are saved, then submit.` : "",
    );
    if (!waiting) this.#findings.refresh();
  }

  async #handIn(submit) {
    try {
      await submit({ accept_unscored: this.#store.unscored().length > 0 });
      this.#close();
      this.#bench.editing.lock("submitted");
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

  #links(places) {
    const links = places.slice(0, MOST_RUNS).map((run) => this.#link(run));
    return places.length > MOST_RUNS
      ? [...links, element("li", { class: "muted" }, `and ${places.length - MOST_RUNS} more places`)]
      : links;
  }

  #link(run) {
    return element("li", {}, this.#goTo(run.first, { class: "button" }, label(run)));
  }

  #goTo(epoch, attributes, ...words) {
    const button = element("button", { type: "button", ...attributes }, ...words);
    button.addEventListener("click", () => {
      this.#close();
      this.#bench.turning.go(epoch);
    });
    return button;
  }

  #showUnlocked() {
    const { submitUnlocked, submitUnlockedList } = this.#parts;
    if (!submitUnlocked) return;
    const epochs = this.#unlocked();
    const [never, their] =
      epochs.length === 1 ? ["staged epoch was never locked", "its"] : ["staged epochs were never locked", "their"];
    submitUnlocked.hidden = !epochs.length;
    setText(
      submitUnlocked, `${epochs.length} ${never}: ${their} suggestion was not shown, and there is no second answer.`,
    );
    submitUnlockedList.replaceChildren(...this.#links(runs(epochs)));
  }

  #showFindings() {
    const findings = this.#findings.all;
    const errors = findings.filter(({ level }) => level === "error").length;
    const warnings = findings.length - errors;
    const count = (number, word) => (number ? [`${number} ${word}${number === 1 ? "" : "s"}`] : []);
    const counts = [...count(errors, "error"), ...count(warnings, "warning")].join(" and ");
    setText(
      this.#parts.submitChecks,
      counts
        ? `Rule checks: ${counts}${errors ? "; correct the errors before you submit" : ""}.`
        : "The rule checks have no findings.",
    );
    this.#parts.submitFindings.replaceChildren(
      ...findings.slice(0, MOST_FINDINGS).map((finding) => this.#finding(finding)),
    );
  }

  #finding({ epoch, level, message }) {
    const words = [element("span", { class: "num" }, `epoch ${epoch + 1}`), element("span", {}, message)];
    return element("li", {}, this.#goTo(epoch, { class: "submit__finding", "data-level": level }, ...words));
  }
}
