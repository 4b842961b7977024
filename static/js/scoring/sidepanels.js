// Panels over the right side: the history of the epoch, and what the signal says of its rationale.

import { labelOf } from "../signals/evidence.js";
import { dateAndTime, element, setText, stageChip } from "../site/dom.js";

// The history of the epoch on screen: who changed what, when and why. It lies over the right side and moves nothing.

const HISTORY_PAUSE_MS = 150;
const WHY = {
  edit: "changed",
  undo: "undone",
  redo: "redone",
  import: "imported",
  model: "by the model",
  consensus: "consensus",
  copy: "copied for review",
  redacted: "identifying words removed",
};
const TOOK = { whole: "taken from the suggestion", rationale: "rationale from the suggestion" };

function lists(name, before, after) {
  const added = after.filter((entry) => !before.includes(entry)).map((entry) => `+ ${entry}`);
  const gone = before.filter((entry) => !after.includes(entry)).map((entry) => `− ${entry}`);
  const words = [...gone, ...added].join(", ");
  return words ? [[name, words]] : [];
}

/** What a change changed, as [name, words] pairs; the stage stands apart. */
function differences(from, to) {
  const rows = [...lists("rules", from.rules, to.rules), ...lists("flags", from.flags, to.flags)];
  if (from.rationale !== to.rationale) rows.push(["rationale", to.rationale || "deleted"]);
  const [fewer, more] = [from.evidence.length, to.evidence.length];
  if (JSON.stringify(from.evidence) !== JSON.stringify(to.evidence))
    rows.push(["evidence", `${fewer} to ${more} events`]);
  return rows;
}

function revisionRow({ at, who, why, took, settled, first, from, to }, unscored) {
  const before = from?.stage ?? null;
  const stages = before === to.stage ? [stageChip(to.stage)] : [stageChip(before), " to ", stageChip(to.stage)];
  const rows = differences(from ?? unscored, to).flatMap(([name, words]) => [
    element("dt", {}, name), element("dd", { dir: "auto" }, words),
  ]);
  const firstWords = first ? "locked as the first answer" : null;
  const words = [TOOK[took] ?? WHY[why] ?? why, settled, firstWords].filter(Boolean);
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
  #unscored;
  #epoch = 0;
  #timer = null;
  #cameFrom = null;

  /** `fetch(epoch)` resolves with {epoch, revisions}, the newest first; `unscored` is an epoch without a score. */
  constructor({ parts, fetch, unscored }) {
    this.#parts = parts;
    this.#unscored = unscored;
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
    this.#timer = setTimeout(() => this.#refresh(this.#epoch), HISTORY_PAUSE_MS);
  }

  async #refresh(epoch) {
    const { historyList, historyNote } = this.#parts;
    try {
      const { revisions } = await this.#fetch(epoch);
      if (epoch !== this.#epoch) return;
      historyList.replaceChildren(...revisions.map((revision) => revisionRow(revision, this.#unscored)));
      setText(
        historyNote,
        revisions.length ? "" : "Nothing has been saved for this epoch yet. Every change will be listed here.",
      );
    } catch (error) {
      if (!("status" in error)) throw error;
      historyList.replaceChildren();
      setText(historyNote, `The history could not be loaded: ${error.message}`);
    }
  }
}

// What the signal says of each statement in the rationale, as it is saved; in the place of the history.

const CLAIMS_PAUSE_MS = 300;
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
  const statement = events.length
    ? element("button", { type: "button", class: "link-button", "data-claim": index, title: "Shows the wave" }, words)
    : words;
  return element(
    "li",
    { "data-outcome": outcome },
    element("p", { class: "claims__outcome" }, OUTCOMES[outcome]),
    element("p", { dir: "auto" }, statement),
    element("p", { class: "muted small" }, reason),
    ...(measured.length ? [element("p", { class: "muted small num" }, measured.map(measuredWords).join("; "))] : []),
  );
}

function unreadRow({ text, reason }) {
  return element("li", {},
    element("p", { dir: "auto" }, `“${text.trim()}”`), element("p", { class: "muted small" }, reason));
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
      const button = event.target.closest("[data-claim]");
      if (button) onLight(this.#claims[Number(button.dataset.claim)].events[0]);
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
    setText(this.#parts.claimsTitle, `Rationale check, epoch ${epoch + 1}`);
    this.#askAfter(CLAIMS_PAUSE_MS);
  }

  /** After a save has arrived: verdicts are on the words that the server has. */
  refreshSoon() {
    if (!this.#parts.claims.hidden) this.#askAfter(CLAIMS_PAUSE_MS);
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
        return this.#fill([], [], "Wave detection is running; results appear automatically.");
      }
      const { claims, unread } = rationales[0] ?? { claims: [], unread: [] };
      const none = rationales.length
        ? "The rationale has no measurable statement."
        : "Nothing to check: no saved rationale, or an answer that is not locked yet.";
      this.#fill(claims, unread, countsOf(claims) || none);
    } catch (error) {
      if (!("status" in error)) throw error;
      this.#fill([], [], `The rationale could not be checked: ${error.message}`);
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

/** Which epoch is shown goes to the comments, and how many are open comes onto their button. */
export function commentsFollower(parts) {
  document.addEventListener("commentcount", ({ detail }) => {
    setText(parts.commentCount, detail.open ? `Comments (${detail.open})` : "Comments");
  });
  return { show: (epoch) => document.dispatchEvent(new CustomEvent("epochshown", { detail: { epoch } })) };
}
