// Help from others while scoring, in the modes that allow it: suggestions, their lock, detected waves.

import { goesOn } from "../signals/display.js";
import { mentions } from "../signals/evidence.js";
import { element, setText } from "../site/dom.js";
import { Candidates, comparison, Locks, Suggestions, takenWhole, takenWords } from "./suggestions.js";

export class Assistance {
  #parts;
  #mode;
  #bench;
  #locks;
  #suggestions;
  #panel = null;
  #candidates = null;
  #epoch = 0;

  constructor({ parts, scoring, api }) {
    this.#parts = parts;
    this.#mode = scoring.mode;
    this.#locks = new Locks(scoring);
    this.#suggestions = new Suggestions({ epochCount: scoring.epoch_count, locks: this.#locks, api });
    this.#suggestions.addEventListener("change", () => this.#showPanel());
  }

  /** Join the page: its keys, its traces and its saves. */
  attach({ bench, desk, queue, api }) {
    this.#bench = bench;
    const onLight = (event) => desk.light(event);
    const rules = new Map(bench.rules.map((rule) => [rule.id, rule]));
    this.#panel = new SuggestionPanel({ parts: this.#parts, rules, onLight, isReview: this.#mode === "review" });
    this.#candidates = new Candidates({ parts: this.#parts, bench, desk, locks: this.#locks, fetch: api.candidates });
    desk.onOther = (place) => this.#candidates.clicked(place);
    this.#followLocks(queue);
    if (this.#locks.hasOpen) this.#suggestions.loadStages().then(() => bench.hypnogram.redraw());
  }

  /** Locks that an earlier visit left to be sent. */
  adopt(items) {
    for (const { kind, epoch } of items) if (kind === "lock") this.#locks.wait(epoch);
  }

  show(epoch) {
    this.#epoch = epoch;
    this.#suggestions.want(epoch);
    this.#showPanel();
    this.#candidates.show(epoch);
  }

  /** The stage suggested, as far as the mode lets it be seen, for the strip of the night. */
  stage(epoch) {
    return this.#suggestions.stage(epoch);
  }

  /** Epochs with an answer that was never locked: their suggestion stayed closed. Only reveal has such. */
  get unlocked() {
    return this.#bench.store.scored().filter((epoch) => this.#locks.isDue(epoch));
  }

  /** What help is on screen, in the words of the server. */
  shown() {
    return { suggestion_on_screen: Boolean(this.#suggestion), candidates: this.#candidates.isOn };
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

  get #suggestion() {
    return this.#suggestions.of(this.#epoch);
  }

  get #score() {
    return this.#bench.store.score(this.#epoch);
  }

  #followLocks(queue) {
    queue.addEventListener("locked", ({ detail: { epoch, answer } }) => {
      this.#locks.settle(epoch, { isLocked: true });
      this.#suggestions.opened(epoch, answer.suggestion);
      this.#bench.hypnogram.redraw();
      this.#candidates.show(this.#epoch);
    });
    const unlocked = ({ detail: { epoch, detail = "choose between the two answers first" } }) => {
      if (!this.#locks.isWaiting(epoch)) return;
      this.#locks.settle(epoch, { isLocked: false });
      this.#showPanel();
      this.#bench.say(`Epoch ${epoch + 1} is not locked: ${detail}`);
    };
    for (const name of ["unlocked", "conflict"]) queue.addEventListener(name, unlocked);
  }

  #lock() {
    if (this.#mode !== "reveal") return this.#bench.say("In this mode nothing is locked");
    if (!this.#bench.edit({}, "lock")) return;
    if (!this.#locks.isDue(this.#epoch)) return this.#bench.say("Your first answer is locked already");
    if (this.#score.stage === null) return this.#bench.say("Stage the epoch first: the suggestion comes after your own answer");
    this.#locks.wait(this.#epoch);
    this.#bench.session.lock(this.#epoch);
    this.#showPanel();
  }

  #take(press) {
    const suggestion = this.#suggestion;
    if (!suggestion) return this.#sayNone();
    const patch = takenWhole(this.#score, suggestion, { withWords: Boolean(this.#parts.rationale) });
    if (!this.#bench.edit(patch, "suggestion")) return;
    const taken = `Epoch ${this.#epoch + 1}: ${suggestion.stage} taken over`;
    if (goesOn(this.#bench.settings, this.#bench.track, press)) this.#bench.go(this.#epoch + 1);
    this.#bench.say(taken);
  }

  #takeWords() {
    if (!this.#parts.rationale) return this.#bench.say("No rationales are asked for here");
    const suggestion = this.#suggestion;
    if (!suggestion) return this.#sayNone();
    if (this.#bench.edit(takenWords(this.#score, suggestion), "suggested rationale")) this.#bench.say("Its rationale is taken over");
  }

  #sayNone() {
    this.#bench.say(this.#why || "The suggestion is on its way");
  }

  #showPanel() {
    if (!this.#panel) return;
    const canLock = this.#bench.editable && this.#locks.isDue(this.#epoch) && this.#score.stage !== null;
    this.#panel.show({ suggestion: this.#suggestion ?? null, score: this.#score, why: this.#why, canLock });
  }

  /** Why nothing is shown, in words; nothing while it is on its way. */
  get #why() {
    const suggestion = this.#suggestion;
    if (suggestion) return "";
    if (this.#locks.isWaiting(this.#epoch)) return "The lock waits for the server, and the suggestion for the lock. You can go on meanwhile.";
    if (this.#locks.isDue(this.#epoch)) return this.#whyClosed();
    if (suggestion === null) return "Nothing is suggested for this epoch.";
    return this.#suggestions.failed ? "The suggestion could not be fetched. It comes once the server answers; nothing waits for it." : "";
  }

  #whyClosed() {
    if (!this.#bench.editable) return "This answer was never locked, so its suggestion stays closed.";
    if (this.#score.stage === null) return "Your own answer comes first; then the suggestion opens.";
    return "Locked, your first answer is kept, and the suggestion opens.";
  }
}

// What is suggested for the epoch on screen, beside one's own answer; or why it is not shown.

const KINDS = { model: "model", human: "another scorer", import: "imported scoring", consensus: "consensus" };
const COMPARED = { agrees: "agrees with yours", "same stage": "same stage, other rules", differs: "differs from yours" };
const REVIEWED = { agrees: "unchanged", "same stage": "rules changed", differs: "stage changed" };

function percent(probability) {
  return `${Math.round(probability * 100)} %`;
}

class SuggestionPanel {
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
    const { stage, rules, kind, probability } = suggestion;
    const { suggestionStage, suggestionKind, suggestionProbability, suggestionRules, suggestionText, suggestionWording } = this.#parts;
    suggestionStage.dataset.stage = stage ?? "";
    setText(suggestionStage, stage ?? "?");
    setText(suggestionKind, KINDS[kind] ?? kind);
    suggestionProbability.hidden = probability === null;
    setText(suggestionProbability, probability === null ? "" : percent(probability));
    suggestionRules.replaceChildren(...rules.map((id) => this.#ruleChip(id)));
    suggestionWording.hidden = true;
    suggestionText.replaceChildren(...this.#drawn.pieces.map(piece));
    this.#toTop();
  }

  /** Asked for only where it was scrolled: it makes the browser lay the page out at once. */
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
    return element("button", { type: "button", class: "suggestion__rule", "data-wording": id, "aria-expanded": "false", title }, id);
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
  return element("button", { type: "button", class: "mention", "data-mention": index, title: `${event.derivation}: shows the wave` }, text);
}
