// Help from others while scoring, in the modes that allow it: suggestions, their lock, detected waves.

import { mentions } from "../signals/evidence.js";
import { element, setText } from "../site/dom.js";
import { comparison, takenWhole, takenWords } from "./suggestions.js";

export class Assistance {
  #bench;
  #mode;
  #locks;
  #suggestions;
  #candidates;
  #panel;

  /** `locks` and `suggestions` know what may be shown, `candidates` shows detected waves, `panel` the suggestion. */
  constructor(bench, { mode, locks, suggestions, candidates, panel }) {
    [this.#bench, this.#mode] = [bench, mode];
    [this.#locks, this.#suggestions, this.#candidates, this.#panel] = [locks, suggestions, candidates, panel];
    suggestions.addEventListener("change", () => this.#showPanel());
  }

  /** Locks that an earlier visit left to be sent. */
  adopt(items) {
    for (const { kind, epoch } of items) if (kind === "lock") this.#locks.wait(epoch);
  }

  show(epoch) {
    this.#suggestions.want(epoch);
    this.#showPanel();
    this.#candidates.show(epoch);
  }

  /** Epochs with an answer that was never locked: their suggestion stayed closed. Only reveal has such. */
  get unlocked() {
    return this.#bench.store.scored().filter((epoch) => this.#locks.isDue(epoch));
  }

  act(action, press) {
    const acts = {
      lock: () => this.#lock(),
      take: () => this.#take(press),
      words: () => this.#takeWords(),
      candidates: () => this.#candidates.toggle(),
      candidate: () => this.#candidates.next(),
    };
    acts[action]?.();
  }

  /** After a stage key: in reveal the first answer is locked and the page stays for the suggestion; true then. */
  lockFirst() {
    if (!this.#locks.isDue(this.#epoch)) return false;
    this.#lock();
    return true;
  }

  get #epoch() {
    return this.#bench.store.current;
  }

  get #suggestion() {
    return this.#suggestions.of(this.#epoch);
  }

  get #score() {
    return this.#bench.store.score(this.#epoch);
  }

  /** The server has locked an answer, and opened its suggestion. */
  locked(epoch, suggestion) {
    this.#locks.settle(epoch, { isLocked: true });
    this.#suggestions.opened(epoch, suggestion);
    this.#candidates.show(this.#epoch);
  }

  /** A lock came to nothing. */
  notLocked(epoch, why = "choose between the two answers first") {
    if (!this.#locks.isWaiting(epoch)) return;
    this.#locks.settle(epoch, { isLocked: false });
    this.#showPanel();
    this.#say(`Epoch ${epoch + 1} is not locked: ${why}`);
  }

  #say(text) {
    this.#bench.answers.say(text);
  }

  #lock() {
    if (this.#mode !== "reveal") return this.#say("Answers are locked in reveal mode only");
    if (!this.#bench.editing.change({}, "lock")) return;
    if (!this.#locks.isDue(this.#epoch)) return this.#say("Your first answer is already locked");
    if (this.#score.stage === null) return this.#say("Score the epoch first; then the suggestion is shown");
    this.#locks.wait(this.#epoch);
    this.#bench.session.lock(this.#epoch);
    this.#showPanel();
  }

  #take(press) {
    const suggestion = this.#suggestion;
    if (!suggestion) return this.#sayNone();
    const patch = takenWhole(this.#score, suggestion, { withWords: Boolean(this.#bench.parts.rationale) });
    if (!this.#bench.editing.change(patch, "suggestion")) return;
    const taken = `Epoch ${this.#epoch + 1}: ${suggestion.stage} accepted`;
    if (this.#bench.view.goesOn(press)) this.#bench.turning.go(this.#epoch + 1);
    this.#say(taken);
  }

  #takeWords() {
    if (!this.#bench.parts.rationale) return this.#say("The coarse track has no rationales");
    const suggestion = this.#suggestion;
    if (!suggestion) return this.#sayNone();
    if (this.#bench.editing.change(takenWords(this.#score, suggestion), "suggested rationale"))
      this.#say("Rationale copied");
  }

  #sayNone() {
    this.#say(this.#why || "The suggestion is loading");
  }

  #showPanel() {
    const canLock = this.#bench.editing.isOpen && this.#locks.isDue(this.#epoch) && this.#score.stage !== null;
    this.#panel.show({ suggestion: this.#suggestion ?? null, score: this.#score, why: this.#why, canLock });
  }

  /** Why nothing is shown, in words; nothing while it is on its way. */
  get #why() {
    const suggestion = this.#suggestion;
    if (suggestion) return "";
    if (this.#locks.isWaiting(this.#epoch))
      return "The suggestion is shown when the server has saved your answer. You can continue.";
    if (this.#locks.isDue(this.#epoch)) return this.#whyClosed();
    if (suggestion === null) return "No suggestion for this epoch.";
    return this.#suggestions.failed
      ? "The suggestion could not be loaded. It appears when the server answers; you can continue."
      : "";
  }

  #whyClosed() {
    if (!this.#bench.editing.isOpen) return "This answer was not locked, so its suggestion is not shown.";
    if (this.#score.stage === null) return "Score the epoch first; then the suggestion is shown.";
    return "Lock your first answer to see the suggestion. Your first answer is stored.";
  }
}

// What is suggested for the epoch on screen, beside the scorer's own answer; or why it is not shown.

const KINDS = { model: "model", human: "another scorer", import: "imported scoring", consensus: "consensus" };
const COMPARED = {
  agrees: "agrees with yours", "same stage": "same stage, other rules", differs: "differs from yours",
};
const REVIEWED = { agrees: "unchanged", "same stage": "rules changed", differs: "stage changed" };

function percent(probability) {
  return `${Math.round(probability * 100)} %`;
}

export class SuggestionPanel {
  #parts;
  #rules;
  #onLight;
  #compared;
  #drawn = null;
  #isScrolled = false;

  /** `rules` by id; `onLight(event)` when a time in the rationale is looked at, null when it is left. */
  constructor({ parts, rules, onLight, isReview }) {
    this.#compared = isReview ? REVIEWED : COMPARED;
    this.#parts = parts;
    this.#rules = rules;
    this.#onLight = onLight;
    const light = (event) => {
      const link = event.target.closest("[data-mention]");
      if (link) onLight(this.#drawn.pieces[Number(link.dataset.mention)].event);
    };
    for (const name of ["focusin", "click"]) parts.suggestionText.addEventListener(name, light);
    parts.suggestionText.addEventListener("focusout", () => onLight(null));
    parts.suggestionBody.addEventListener("scroll", () => (this.#isScrolled = true), { passive: true });
    parts.suggestion.addEventListener("keydown", (event) => event.key === "Escape" && event.target.blur());
    parts.suggestionRules.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-wording]");
      if (chip) this.#toggleWording(chip);
    });
  }

  /** `suggestion` is null where there is none; `why` says in words why nothing is shown, "" otherwise. */
  show({ suggestion, score, why, canLock }) {
    const { suggestionBody, suggestionState, suggestionHead, lock } = this.#parts;
    lock.hidden = !canLock;
    setText(suggestionState, why);
    suggestionState.hidden = why === "";
    for (const node of [suggestionBody, suggestionHead]) node.hidden = !suggestion;
    if (suggestion !== this.#drawn?.suggestion) this.#draw(suggestion);
    if (suggestion) this.#compare(comparison(score, suggestion));
  }

  #draw(suggestion) {
    this.#onLight(null);
    this.#drawn = suggestion && { suggestion, pieces: mentions(suggestion) };
    if (!suggestion) return this.#parts.suggestionText.replaceChildren();
    const { stage, rules, kind, probability, grounding } = suggestion;
    const {
      suggestionStage, suggestionKind, suggestionProbability, suggestionRules, suggestionText, suggestionWording,
    } = this.#parts;
    suggestionStage.dataset.stage = stage ?? "";
    setText(suggestionStage, stage ?? "?");
    setText(suggestionKind, (KINDS[kind] ?? kind) + (grounding === "bound" ? ", bound to measurements" : ""));
    suggestionProbability.hidden = probability === null;
    setText(suggestionProbability, probability === null ? "" : percent(probability));
    suggestionRules.replaceChildren(...rules.map((id) => this.#ruleChip(id)));
    suggestionWording.hidden = true;
    suggestionText.replaceChildren(...this.#drawn.pieces.map(piece));
    this.#toTop();
  }

  /** Read only where it was scrolled: it makes the browser lay the page out at once. */
  #toTop() {
    if (this.#isScrolled) this.#parts.suggestionBody.scrollTop = 0;
    this.#isScrolled = false;
  }

  #compare(word) {
    const { suggestionCompared } = this.#parts;
    setText(suggestionCompared, this.#compared[word] ?? "");
    suggestionCompared.toggleAttribute("data-differs", word === "differs");
  }

  #ruleChip(id) {
    const rule = this.#rules.get(id);
    const title = rule ? `${rule.title}. ${rule.text}` : "Not a rule of this edition";
    return element("button",
      { type: "button", class: "suggestion__rule", "data-wording": id, "aria-expanded": "false", title }, id);
  }

  #toggleWording(chip) {
    const { suggestionWording, suggestionRules } = this.#parts;
    const opens = chip.getAttribute("aria-expanded") === "false";
    for (const other of suggestionRules.children) other.setAttribute("aria-expanded", String(other === chip && opens));
    suggestionWording.hidden = !opens;
    setText(suggestionWording, chip.title);
    this.#toTop();
  }
}

function piece({ text, event }, index) {
  if (!event) return text;
  return element("button",
    { type: "button", class: "mention", "data-mention": index, title: `${event.derivation}: shows the wave` }, text);
}
