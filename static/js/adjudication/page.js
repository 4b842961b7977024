// The adjudication page: walk the disagreements, take a stage or a side or write, say why, withdraw it.

import { rulesAfterStage, toggled } from "../keys/tables.js";
import { Answers, ask, cleanBox, gapCount, limitPastes, MOST_CHARACTERS, setText, walkGaps } from "../site/dom.js";
import { actionFor } from "./keys.js";
import { fullestOf, groupsOf } from "./panel.js";

const AGREED = "All scorings agree here; press E to write own score";
export const SETTLED = "All epochs are settled: “Create consensus” ends the adjudication";

/** Calls `act(action)` for what a key asks for; `state()` gives what actionFor() needs. */
export function listen(act, state) {
  document.addEventListener("keydown", (event) => {
    // A box of a dialog just closed keeps the focus until the next frame.
    const isInBox = event.target.closest("input, textarea, select")?.checkVisibility();
    if (event.defaultPrevented || document.querySelector("dialog[open]") || isInBox) return;
    if (event.key === "Enter" && !event.ctrlKey && event.target.closest("button, a")) return;
    const pressed = actionFor(event, state());
    if (!pressed) return;
    event.preventDefault();
    // A key held down would undo or withdraw what it never showed.
    if (!event.repeat || pressed.repeats) act(pressed.action);
  });
}

/** Walk the disagreements, take a side or write, give a reason, undo. "turned" events: another epoch is on the page. */
export class AdjudicationPage extends EventTarget {
  #parts;
  #store;
  #decisions;
  #view;
  #panel;
  #rules;
  #clock;
  #isOpen;
  #held = null;
  #answers;
  #pending = null;
  #draft = null;
  #begunAs = null;

  /**
   * @param {object} given
   * @param {Object<string, HTMLElement>} given.parts elements of the page by their data-part
   * @param {import("./store.js").DecisionStore} given.store what the sides say, what stands, and where we are
   * @param {import("./store.js").Decisions} given.decisions what is decided here
   * @param {import("./look.js").View} given.view the display settings in force
   * @param {import("./panel.js").DecisionPanel} given.panel the lower half
   * @param {{rules: object[], clock: object, isOpen: boolean}} night rules of the edition, times of the night, whether
   *   it can be decided
   */
  constructor({ parts, store, decisions, view, panel }, { rules, clock, isOpen }) {
    super();
    [this.#parts, this.#store, this.#decisions, this.#view, this.#panel] = [parts, store, decisions, view, panel];
    [this.#rules, this.#clock, this.#isOpen] = [rules, clock, isOpen];
    this.#answers = new Answers({ parts });
    decisions.addEventListener("changed", ({ detail }) => [null, store.current].includes(detail.epoch) && this.show());
    this.#attachWords(parts.rationale);
  }

  get isOpen() {
    return this.#isOpen;
  }

  /** What keys mean now: "choosing", "reasoning" or "writing". */
  get state() {
    if (this.#pending) return "reasoning";
    return this.#draft ? "writing" : "choosing";
  }

  /** Whether an own score is being written that the server and this browser do not have. */
  get isUnsaved() {
    return this.#draft !== null && JSON.stringify(this.#draft) !== this.#begunAs;
  }

  /** An own score that was written and not saved is given up by an answer to a question only. */
  async go(epoch, part = 0) {
    if (await this.#mayGiveUp()) this.#turn(epoch, part);
  }

  /** By epochs, or by the parts of an epoch where the page is shorter. */
  turn(step) {
    if (this.#view.turn(step)) return;
    const epoch = this.#store.current + step;
    if (epoch === this.#store.clamp(epoch)) this.go(epoch, step > 0 ? 0 : this.#view.lastPart);
  }

  async #mayGiveUp() {
    return !this.isUnsaved || ask({
      title: "Own score not saved", words: `The score that you write for epoch ${this.#store.current + 1} is lost.`,
      yes: "Discard own score", no: "Continue writing",
    });
  }

  #turn(epoch, part = 0) {
    const store = this.#store;
    store.current = store.clamp(epoch);
    this.#pending = this.#draft = null;
    this.dispatchEvent(new CustomEvent("turned", { detail: { part } }));
    this.show();
    this.#answers.announce(`Epoch ${store.current + 1}: ${this.#parts.status.textContent}`);
  }

  act(action) {
    if (this.#view.act(action)) return;
    const [verb, object] = action.split(/:(.*)/);
    const store = this.#store;
    const verbs = {
      take: () => this.#take(object),
      reason: () => this.#because(object),
      write: () => this.#draft || this.#beginWriting(),
      stage: () => this.#stage(object),
      withdraw: () => this.#withdraw(),
      quick: () => this.#cite(this.#panel.quickRule(this.#draft?.stage, Number(object))?.id),
      cite: () => this.#cite(object),
      words: () => this.#parts.rationale.focus(),
      written: () => this.#written(),
      cancel: () => this.go(store.current),
      turn: () => this.turn(Number(object)),
      open: () =>
        this.#goIf(store.nextOpen(store.current), SETTLED),
      disputed: () => this.#goIf(store.nextDisputed(store.current, Number(object)), "No disagreements"),
      undo: () => this.#travel(() => this.#decisions.undo(), "Nothing to undo"),
      redo: () => this.#travel(() => this.#decisions.redo(), "Nothing to redo"),
    };
    verbs[verb]?.();
  }

  say(text) {
    this.#answers.say(text);
  }

  show() {
    const [store, parts] = [this.#store, this.#parts];
    const epoch = store.current;
    this.#panel.show({
      letters: store.sides, answers: store.disagreement(epoch), isHere: store.hasTexts(epoch),
      decision: store.decision(epoch), pending: this.#pending, draft: this.#draft,
    });
    const left = store.open.length;
    setText(parts.epoch, `epoch ${epoch + 1}`);
    setText(parts.clock, this.#clock.time(epoch));
    setText(parts.progress, left ? `${left} left of ${store.disputed.length}` : "all settled");
    const place = store.disputed.indexOf(epoch) + 1;
    setText(parts.place, place ? `disagreement ${place} of ${store.disputed.length}` : "agreement");
    parts.finish.disabled = !this.#isOpen;
    parts.withdraw.disabled = !this.#isOpen || !store.mayWithdraw(epoch);
    const comments = store.commentCount(epoch);
    setText(parts.commentCount, comments ? `comments (${comments})` : "comments");
  }

  /** Nothing can be decided any more. */
  close() {
    this.#isOpen = false;
    this.show();
  }

  /** A stage key: of the own score that is being written, or of the sides that give this stage. */
  #stage(stage) {
    if (this.#draft) return this.#edit({ stage, rules: rulesAfterStage(this.#rules, this.#draft.rules, stage) });
    const { current, sides } = this.#store;
    const answers = this.#store.disagreement(current);
    if (!answers) return this.say(AGREED);
    const group = groupsOf(sides, answers).find((each) => each.stage === stage);
    if (!group) return this.say(`No scoring says ${stage} here; press E to write own score`);
    return this.#take(fullestOf(group, current));
  }

  async #take(letter) {
    const answers = this.#store.disagreement(this.#store.current);
    if (!answers) return this.say(AGREED);
    if (!this.#store.hasTexts(this.#store.current))
      return this.say("The scorings of this epoch are loading. Nothing was decided");
    const { stage, rules, rationale } = answers[this.#store.sides.indexOf(letter)];
    if (stage === null) return this.say(`${letter} did not score this epoch`);
    if (!(await this.#mayGiveUp())) return;
    this.#draft = null;
    this.#ask({ choice: "take", side: letter, stage, rules, rationale });
  }

  /** What a person or a rule decided on this epoch is withdrawn; undo gives it back. */
  async #withdraw() {
    const { current } = this.#store;
    if (!this.mayDecide() || !(await this.#mayGiveUp())) return;
    if (!this.#store.mayWithdraw(current)) return this.say("No decision to withdraw on this epoch");
    this.#pending = this.#draft = null;
    this.#decisions.decide(current, this.#store.withdrawn);
    this.#answers.announce("Decision withdrawn");
  }

  #beginWriting() {
    if (!this.mayDecide()) return;
    if (!this.#store.hasTexts(this.#store.current)) return this.say("The scorings of this epoch are loading");
    const { stage, rules, rationale } = this.#store.decision(this.#store.current);
    this.#draft = { stage, rules: stage ? rules : [], rationale };
    this.#begunAs = JSON.stringify(this.#draft);
    this.#pending = null;
    this.show();
    this.#answers.announce("Own score: stage, rules, rationale, then Enter");
  }

  #edit(patch) {
    if (!this.#draft) return;
    this.#draft = { ...this.#draft, ...patch };
    this.#pending = null;
    this.show();
  }

  #cite(id) {
    if (id && this.#draft) this.#edit({ rules: toggled(this.#draft.rules, id) });
  }

  #written() {
    if (!this.#draft) return;
    if (!this.#draft.stage) return this.say("A decision needs a stage");
    if (gapCount(this.#draft.rationale)) return this.say("The rationale has a gap (___): Tab in the text goes to it");
    this.#ask({ choice: "write", side: null, ...this.#draft });
  }

  /** Hold a verdict until a reason is given. */
  #ask(verdict) {
    if (!this.mayDecide()) return;
    if (!this.#view.isHere) return this.say("The signal of this epoch is not here. Nothing was decided");
    this.#pending = verdict;
    this.show();
    this.#answers.announce("Reason: Shift with a digit, or Esc to cancel");
  }

  #because(reason) {
    if (!this.#pending || !this.mayDecide()) return;
    const epoch = this.#store.current;
    this.#decisions.decide(epoch, { ...this.#pending, reason });
    this.#turn(this.#store.nextOpen(epoch) ?? epoch);
    if (!this.#store.open.length) this.say(SETTLED);
  }

  /** Nothing is decided until `hold(null)`; `why` is the answer to who tries. */
  hold(why) {
    this.#held = why;
  }

  get whyHeld() {
    return this.#held;
  }

  /** Says why not where nothing can be decided. */
  mayDecide() {
    const why = this.#isOpen ? this.#held : "This adjudication is closed. Nothing was changed";
    if (why) this.say(why);
    return !why;
  }

  /** An own score that is being written is asked about before the decision of any epoch changes. */
  async #travel(change, otherwise) {
    if (!this.mayDecide() || !(await this.#mayGiveUp())) return;
    const epoch = change();
    if (epoch === null) this.say(otherwise);
    else this.#turn(epoch);
  }

  #goIf(epoch, otherwise) {
    if (epoch === null) this.say(otherwise);
    else this.go(epoch);
  }

  #attachWords(box) {
    limitPastes(box, { most: MOST_CHARACTERS, onTooLong: (words) => this.say(words) });
    box.addEventListener("input", () => {
      if (!this.#draft) return;
      cleanBox(box);
      this.#draft = { ...this.#draft, rationale: box.value };
      this.#pending = null;
    });
    box.addEventListener("keydown", (event) => {
      walkGaps(box, event);
      const goesOn = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (event.key !== "Escape" && !goesOn) return;
      event.preventDefault();
      event.stopPropagation();
      box.blur();
      if (goesOn) this.#written();
    });
  }
}
