// What the signal says of each statement in the rationale, as it is saved. It lies where the history does and moves nothing.

import { element, setText } from "./dom.js";
import { labelOf } from "./evidence.js";

const PAUSE_MS = 300;
const RETRY_MS = 3_000;
const OUTCOMES = { supported: "✓ supported", contradicted: "✗ contradicted", cannot_tell: "? cannot tell" };

/** "peak to peak 38 ± 12 µV" */
export function measuredWords({ name, value, uncertainty, unit }) {
  return `${name} ${value} ± ${uncertainty} ${unit}`;
}

/** How many of each outcome, in words: "2 supported, 1 contradicted". */
export function countsOf(claims) {
  const count = (outcome) => claims.filter((claim) => claim.outcome === outcome).length;
  return Object.entries(OUTCOMES)
    .map(([outcome, words]) => [count(outcome), words.slice(2)])
    .filter(([number]) => number)
    .map(([number, words]) => `${number} ${words}`)
    .join(", ");
}

function row(claim, index) {
  const { outcome, text, kind, reason, measured, events } = claim;
  const words = `“${text.trim() || labelOf(kind)}”`;
  const said = events.length ? element("button", { type: "button", class: "link-button", "data-claim": index, title: "Shows the wave" }, words) : words;
  return element(
    "li",
    { "data-outcome": outcome },
    element("p", { class: "claims__outcome" }, OUTCOMES[outcome]),
    element("p", { dir: "auto" }, said),
    element("p", { class: "muted small" }, reason),
    ...(measured.length ? [element("p", { class: "muted small num" }, measured.map(measuredWords).join("; "))] : []),
  );
}

function unreadRow({ text, reason }) {
  return element("li", {}, element("p", { dir: "auto" }, `“${text.trim()}”`), element("p", { class: "muted small" }, reason));
}

export class ClaimsPanel {
  #parts;
  #fetch;
  #onLight;
  #epoch = 0;
  #timer = null;
  #claims = [];

  /** `fetch(first, count)` asks the server; `onLight(event)` shows a wave, null lets it go. */
  constructor({ parts, fetch, onLight }) {
    this.#parts = parts;
    this.#fetch = fetch;
    this.#onLight = onLight;
    for (const name of ["claimsOpen", "claimsClose"]) parts[name].addEventListener("click", () => this.toggle());
    parts.claims.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.toggle();
    });
    const light = (event) => {
      const said = event.target.closest("[data-claim]");
      if (said) onLight(this.#claims[Number(said.dataset.claim)].events[0]);
    };
    for (const name of ["focusin", "click"]) parts.claimsList.addEventListener(name, light);
    parts.claimsList.addEventListener("focusout", () => onLight(null));
  }

  toggle() {
    const { claims, claimsOpen, history } = this.#parts;
    claims.hidden = !claims.hidden;
    claimsOpen.setAttribute("aria-expanded", String(!claims.hidden));
    this.#onLight(null);
    if (claims.hidden) return claimsOpen.focus({ preventScroll: true });
    history.hidden = true;
    this.show(this.#epoch);
    claims.focus({ preventScroll: true });
  }

  show(epoch) {
    if (epoch !== this.#epoch) this.#fill([], [], "");
    this.#epoch = epoch;
    if (this.#parts.claims.hidden) return;
    setText(this.#parts.claimsTitle, `Words and signal, epoch ${epoch + 1}`);
    this.#askAfter(PAUSE_MS);
  }

  /** After a save has arrived: verdicts are on the words that the server has. */
  refreshSoon() {
    if (!this.#parts.claims.hidden) this.#askAfter(PAUSE_MS);
  }

  #askAfter(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(this.#epoch), ms);
  }

  async #refresh(epoch) {
    if (this.#parts.claims.hidden) return;
    try {
      const { state, rationales } = await this.#fetch(epoch, 1);
      if (epoch !== this.#epoch) return;
      if (state === "waiting") {
        this.#askAfter(RETRY_MS);
        return this.#fill([], [], "The night is searched for waves first; this fills by itself.");
      }
      const { claims, unread } = rationales[0] ?? { claims: [], unread: [] };
      const none = rationales.length ? "No statement in it can be measured." : "Nothing to check: no saved rationale, or an answer that is not locked yet.";
      this.#fill(claims, unread, countsOf(claims) || none);
    } catch (error) {
      if (!("status" in error)) throw error;
      this.#fill([], [], `The signal could not be asked: ${error.message}`);
    }
  }

  #fill(claims, unread, note) {
    const { claimsList, claimsNote, claimsUnread, claimsRest } = this.#parts;
    this.#claims = claims;
    claimsList.replaceChildren(...claims.map(row));
    claimsUnread.replaceChildren(...unread.map(unreadRow));
    claimsRest.hidden = unread.length === 0;
    setText(claimsNote, note);
  }
}
