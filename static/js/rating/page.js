// The rating page: an item at a time, scores by key, saved as they are given.

import { UndoStack } from "../saving/changes.js";
import { limitPastes, setText } from "../site/dom.js";
import { contentOf, Feedback, OwnStage, RatingForm } from "./form.js";
import { RationaleText } from "./text.js";

/** {action, repeats} of a key event, or null. `keys` holds the person's keys of all pages. */
export function actionFor(event, { keys, awaitsStage, awaitsLock = awaitsStage }) {
  const staging = awaitsStage ? keys.workbench.actionFor(event)?.action ?? "" : "";
  if (staging.startsWith("stage:")) return { action: staging, repeats: false };
  const pressed = keys.rating.actionFor(event);
  // Where there is nothing to lock, its key scrolls the page.
  if (!pressed || (pressed.action === "lock" && !awaitsLock)) return null;
  return { action: pressed.action, repeats: keys.rating.mayRepeat(pressed.action) };
}

/** Calls `act(action)` for what a key asks for; `state()` gives what actionFor() needs. */
export function listen(act, state) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (inText(event.target)) return leaveText(event, act);
    if (hasOwnUse(event)) return;
    const pressed = actionFor(event, state());
    if (!pressed) return;
    event.preventDefault();
    if (!event.repeat || pressed.repeats) act(pressed.action);
  });
}

/** A focused button or link keeps its own Enter and Space, a box to tick its Space. */
function hasOwnUse({ key, ctrlKey, target }) {
  const own = { Enter: "button, a, summary", " ": "button, a, summary, input" }[key];
  return own !== undefined && !ctrlKey && target.closest(own);
}

function inText(target) {
  return target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])");
}

function leaveText(event, act) {
  if (event.key === "Escape") event.target.blur();
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.target.blur();
  if (!event.repeat) act("next");
}

// Of a comment, as the server says.
const MOST_CHARACTERS = 2_000;

/** "finished" events: every item is rated, as far as this page knows. */
export class RatingPage extends EventTarget {
  #parts;
  #queue;
  #store;
  #saves;
  #look;
  #active;
  #undo = new UndoStack();
  #item = null;
  #isComing = false;
  #form;
  #text;
  #own;
  #feedback;

  /**
   * @param {object} given
   * @param {Object<string, HTMLElement>} given.parts elements of the page by their data-part
   * @param {import("./queue.js").Queue} given.queue the items, and where we are
   * @param {import("./queue.js").RatingStore} given.store ratings as they stand
   * @param {import("../saving/queue.js").SaveQueue} given.saves ratings on their way to the server
   * @param {import("./look.js").Look} given.look shows the signal
   * @param {{keep: Function, active: {takeMs: Function}}} work `keep(code, stage)` sends an own stage; `active` counts
   *   time at work
   */
  constructor({ parts, queue, store, saves, look }, { keep, active }) {
    super();
    [this.#parts, this.#queue, this.#store, this.#saves, this.#look, this.#active] = [
      parts, queue, store, saves, look, active,
    ];
    this.#form = new RatingForm(parts);
    limitPastes(parts.comment, { most: MOST_CHARACTERS, onTooLong: (words) => this.say(words) });
    this.#form.addEventListener("change", ({ detail }) => this.#changed(detail));
    this.#text = new RationaleText({ parts, onLight: (place) => look.light(place) });
    this.#own = new OwnStage({ parts, keep, onText: (item) => this.#textCame(item) });
    this.#feedback = new Feedback(parts);
    document.addEventListener("click", ({ target }) => this.act(target.closest("[data-act]")?.dataset.act));
  }

  start() {
    this.#parts.loading.hidden = true;
    return this.#queue.firstOpen() === null ? this.#finish() : this.#open();
  }

  get awaitsStage() {
    return this.#item?.awaits_stage ?? false;
  }

  /** Whether there is an answer that locking would fix. */
  get awaitsLock() {
    return this.#item !== null && (this.awaitsStage || this.#awaitsGold);
  }

  get isDone() {
    return this.#item === null;
  }

  act(action) {
    if (!action) return;
    if (!this.#item) return this.#actWhenDone(action);
    if (this.#look.act(action)) return;
    const [verb, object] = action.split(":");
    const moving = {
      forward: () => this.#go(this.#queue.at + 1),
      back: () => this.#go(this.#queue.at - 1),
      help: () => this.#parts.help.showModal(),
    };
    const judging = {
      undo: () => this.#takeBack(),
      redo: () => this.#travel(this.#undo.redo(), "after"),
      dark: () => this.#text.dark(),
      next: () => this.#next(),
      lock: () => this.#lock(),
      score: () => this.#mayChange() && this.#form.score(Number(object)),
      cannot: () => this.#mayChange() && this.#form.toggleCannotJudge(),
      comment: () => this.#parts.comment.focus(),
      phrase: () => this.#text.next() || this.say("The rationale names no event in the signal"),
      wording: () => this.#text.toggleWording(),
    };
    const staging = {
      undo: judging.undo, redo: judging.redo,
      stage: () => this.#own.choose(object),
      lock: () => this.#isSeen() && this.#own.confirm(),
      next: () => this.say("Lock your stage first; then the rationale is shown"),
    };
    // A key meant for the item that is on its way must not judge the item still on the page.
    const acts = this.#isComing ? {} : this.awaitsStage ? staging : judging;
    ({ ...moving, ...acts })[verb]?.();
  }

  /** The round is over and another is open. */
  offerMore() {
    this.#parts.goOn.hidden = false;
    this.#parts.goOn.focus();
  }

  /** An answer to a key. */
  say(words) {
    setText(this.#parts.answer, "");
    setText(this.#parts.answer, words);
  }

  /** The rating of an item is not what the page had: a choice between two windows, or what an earlier visit left. */
  adopt(code, content) {
    const before = this.#store.content(code);
    this.#undo.push({ epoch: code, before, after: contentOf(content), field: "conflict" });
    this.#store.set(code, contentOf(content));
    if (this.#item?.code === code) this.#form.show(content, { isFinal: this.#isFinal });
    this.#progress();
  }

  /** Fetch again what did not come. */
  retry() {
    if (this.#isComing) this.#open();
  }

  /** The server has fixed the rating of a calibration item, and sends the reference scores. */
  fixed(code, feedback) {
    if (!this.#queue.loaded(code)) return;
    const item = this.#queue.update(code, { feedback });
    if (this.#item?.code === code) this.#show(item);
  }

  /** Comments that are being typed belong to the save. */
  flush() {
    if (this.#item) this.#form.flush();
  }

  goTo(code) {
    this.#go(this.#queue.placeOf(code));
  }

  #actWhenDone(action) {
    if (action === "again") this.#go(0);
    if (action === "more" || (action === "next" && !this.#parts.goOn.hidden)) this.start();
    if (action === "help") this.#parts.help.showModal();
  }

  get #isFinal() {
    return Boolean(this.#item?.feedback);
  }

  #mayChange() {
    if (this.#isFinal) this.say("Reference scores were shown: this rating cannot be changed");
    return !this.#isFinal;
  }

  async #open() {
    this.#parts.done.hidden = this.#parts.goOn.hidden = true;
    const place = this.#queue.at;
    let item;
    this.#isComing = true;
    try {
      item = await this.#queue.current();
    } catch (error) {
      if (!("status" in error)) throw error;
      return this.say(`${error.message} Nothing is lost. It appears when the server answers.`);
    }
    if (place === this.#queue.at) this.#show(item);
  }

  #show(item) {
    const isNew = item.code !== this.#item?.code;
    this.#item = item;
    this.#isComing = false;
    this.#parts.item.hidden = false;
    for (const name of ["judging", "missing"]) this.#parts[name].hidden = item.awaits_stage;
    this.#parts.lock.hidden = item.awaits_stage || !this.#awaitsGold;
    this.#parts.next.hidden = item.awaits_stage || this.#awaitsGold;
    setText(this.#parts.place, `${this.#queue.at + 1} of ${this.#queue.length}`);
    this.#parts.calibration.hidden = !item.calibration;
    this.#own.show(item);
    if (!item.awaits_stage) this.#text.show(item);
    this.#form.show(this.#store.content(item.code), { isFinal: this.#isFinal });
    this.#feedback.show(item.feedback, this.#form.content);
    this.#progress();
    this.say("");
    if (!isNew) return;
    this.#look.show(item);
    scrollTo(0, 0);
  }

  /** The own stage is kept, and here is the text. */
  #textCame({ code, stage, rules, rationale, own_stage, awaits_stage }) {
    const item = this.#queue.update(code, { stage, rules, rationale, own_stage, awaits_stage });
    if (this.#item?.code === code) this.#show(item);
  }

  #changed({ before, after, field }) {
    const { code } = this.#item;
    this.#undo.push({ epoch: code, before, after, field: field === "comment" ? "rationale" : field });
    this.#save(code, after);
  }

  #save(code, content) {
    this.#store.set(code, content);
    // Undone from elsewhere: nothing of it is on screen.
    const shown = code === this.#item.code ? this.#look.shown : undefined;
    this.#saves.put({
      epoch: code, content, version: this.#store.version(code), shown, activeMs: this.#active.takeMs(),
    });
    this.#progress();
  }

  /** Where nothing was given on this page, the last score of an earlier visit; with none left, the item before. */
  #takeBack() {
    this.#form.flush();
    const change = this.#undo.undo();
    if (change) return this.#travel(change, "before");
    const less = this.#isFinal ? null : this.#form.withoutLast();
    if (!less) return this.#go(this.#queue.at - 1);
    this.#form.show(less);
    this.#save(this.#item.code, less);
  }

  #travel(change, side) {
    if (!change) return this.say("Nothing to redo");
    const { epoch: code } = change;
    if (this.#queue.loaded(code)?.feedback)
      return this.say("Reference scores were shown: that rating cannot be changed");
    this.#save(code, change[side]);
    if (this.#item.code === code) this.#form.show(change[side]);
    else this.goTo(code);
  }

  /** A calibration item whose reference scores were not shown yet: showing them fixes the rating. */
  get #awaitsGold() {
    return this.#item.calibration && !this.#item.feedback;
  }

  #lock() {
    if (this.#awaitsGold && this.#form.isComplete() && this.#isSeen()) this.#askForGold();
  }

  #isSeen() {
    if (!this.#look.isHere) this.say("The signal is not here: nothing was locked");
    return this.#look.isHere;
  }

  #next() {
    if (!this.#form.isComplete()) return;
    if (this.#awaitsGold) return this.say("Lock your rating first; then the reference scores are shown");
    const isLast = this.#queue.at === this.#queue.length - 1;
    const open = this.#queue.firstOpen();
    if (isLast && open === null) return this.#finish();
    this.#go(isLast ? open : this.#queue.at + 1);
  }

  /** It travels behind the rating that it fixes, so it survives a lost network. */
  #askForGold() {
    const { code } = this.#item;
    this.#saves.lock({ epoch: code, version: this.#store.version(code) });
    this.say("Reference scores are loading …");
  }

  #go(place) {
    this.flush();
    this.#undo.close();
    this.#queue.move(place);
    document.activeElement?.blur();
    this.#open();
  }

  #finish() {
    this.#item = null;
    this.#look.leave();
    this.#parts.item.hidden = true;
    this.#parts.done.hidden = false;
    this.#progress();
    this.dispatchEvent(new Event("finished"));
  }

  #progress() {
    setText(this.#parts.progress, `${this.#queue.done} of ${this.#queue.length}`);
    Object.assign(this.#parts.bar, { max: this.#queue.length, value: this.#queue.done });
  }
}
