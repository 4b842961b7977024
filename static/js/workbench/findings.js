// What the rule checks of the server say: a word beside the rules as one scores, and where to look before submitting.
// Every fetch brings the whole list, for one change can settle a finding many epochs away.

import { setText } from "./dom.js";

const PAUSE_MS = 500;

/** "changed" whenever the list was fetched anew. `fetch()` resolves with {findings: [{epoch, level, code, message}]}. */
export class Findings extends EventTarget {
  #fetch;
  #byEpoch = new Map();
  #timer = null;
  #asked = 0;

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
    const asked = ++this.#asked;
    const answer = await this.#fetch().catch((error) => {
      if (!("status" in error)) throw error;
      return null;
    });
    if (answer && asked === this.#asked) this.#take(answer.findings);
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
    const count = new Set(this.#findings.all.map((found) => found.epoch)).size;
    toCheck.hidden = count === 0;
    setText(toCheck, `${count} to check`);
  }
}
