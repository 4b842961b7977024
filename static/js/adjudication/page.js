// The adjudication page: walk the disagreements, take a side or write, say why, take it back.

import { plainDigit } from "../keys/keyboard.js";
import { rulesAfterStage, toggled, WRITING } from "../keys/tables.js";
import { UndoStack } from "../saving/changes.js";
import { changed, keepSettings } from "../signals/display.js";
import { EPOCH_S, pageName } from "../signals/scale.js";
import { cleanBox, limitPastes, MOST_CHARACTERS, Saying, setText } from "../site/dom.js";
import { WITHDRAWN } from "./store.js";

// What a key of the adjudication page asks for. After a side is taken the digits name the reason; while a decision is
// written, stages and rules have their keys of the workbench.

/** {action, repeats} in a state of the page, "choosing", "reasoning" or "writing", or null. */
export function actionFor(event, { keys, state, sides, reasons }) {
  if (event.altKey || event.isComposing) return null;
  const reason = state === "reasoning" ? reasons[plainDigit(event) - 1] : undefined;
  if (reason) return once(`reason:${reason}`);
  const written = state === "writing" ? writing(event, keys) : null;
  if (written) return once(written);
  const action = keys.adjudication.actionFor(event)?.action;
  if (!action || (action.startsWith("take:") && (state === "writing" || !sides.includes(action.slice("take:".length))))) return null;
  return { action, repeats: keys.adjudication.mayRepeat(action) };
}

function writing(event, { workbench }) {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) return "written";
  return WRITING.get(workbench.actionFor(event)?.action) ?? null;
}

const once = (action) => ({ action, repeats: false });

// What each action does: walk the disagreements, take a side or write, say why, take it back.

export class AdjudicationPage {
  #saying;
  #undo = new UndoStack();
  #pending = null;
  #draft = null;

  constructor(given) {
    Object.assign(this, given);
    this.#saying = new Saying(given);
    document.addEventListener("keydown", (event) => this.#onKey(event));
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.act(button.dataset.act);
    });
    this.#attachWords(this.parts.rationale);
    this.#showSettings();
  }

  go(epoch) {
    this.store.current = this.store.clamp(epoch);
    this.#pending = this.#draft = null;
    this.traces?.show(this.store.current, 0);
    this.hypnogram.moveCursor(this.store.current);
    this.show();
    this.#saying.announce(`Epoch ${this.store.current + 1}: ${this.parts.status.textContent}`);
  }

  act(action) {
    const [verb, object] = action.split(/:(.*)/);
    const settings = changed(this.settings, action);
    if (settings) return this.#apply(settings);
    const { store } = this;
    const verbs = {
      take: () => this.#take(object),
      reason: () => this.#because(object),
      write: () => this.#beginWriting(),
      stage: () => this.#edit({ stage: object, rules: rulesAfterStage(this.rules, this.#draft?.rules ?? [], object) }),
      quick: () => this.#cite(this.panel.quickRule(this.#draft?.stage, Number(object))?.id),
      cite: () => this.#cite(object),
      words: () => this.parts.rationale.focus(),
      written: () => this.#written(),
      cancel: () => this.go(store.current),
      turn: () => this.go(store.current + Number(object)),
      open: () => this.#goIf(store.nextOpen(store.current), "All is settled: Ctrl Enter makes the consensus"),
      disputed: () => this.#goIf(store.nextDisputed(store.current, Number(object)), "The sides agree everywhere"),
      undo: () => this.#travel(this.#undo.undo(), "before", "Nothing to undo"),
      redo: () => this.#travel(this.#undo.redo(), "after", "Nothing to redo"),
      help: () => this.parts.help.showModal(),
      keys: () => this.openKeys(),
      conflict: () => this.chooseSide() || this.say("Nothing was settled elsewhere"),
      finish: () => this.finish(),
    };
    verbs[verb]?.();
  }

  /** Put other keys in force, and on the page. */
  setKeys(keys) {
    this.keys = keys;
    this.panel.setKeys(keys);
    this.show();
  }

  say(text) {
    this.#saying.say(text);
  }

  show() {
    const { store, parts } = this;
    const epoch = store.current;
    this.panel.show({
      letters: store.sides, said: store.said(epoch), decision: store.decision(epoch),
      pending: this.#pending, draft: this.#draft,
    });
    const left = store.open.length;
    setText(parts.epoch, `epoch ${epoch + 1}`);
    setText(parts.clock, this.clock.time(epoch));
    setText(parts.progress, left ? `${left} left of ${store.disputed.length}` : "all settled");
    const place = store.disputed.indexOf(epoch) + 1;
    setText(parts.place, place ? `disagreement ${place} of ${store.disputed.length}` : "agreement");
    parts.finish.disabled = !this.editable;
  }

  /** What the other side of a conflict holds becomes ours. */
  adopt(epoch, decision) {
    this.store.set(epoch, decision);
    this.#changed(epoch);
  }

  #onKey(event) {
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "Enter" && !event.ctrlKey && event.target.closest("button, a")) return;
    const state = this.#draft ? (this.#pending ? "reasoning" : "writing") : this.#pending ? "reasoning" : "choosing";
    const found = actionFor(event, { keys: this.keys, state, sides: this.store.sides, reasons: this.reasons.map(({ id }) => id) });
    if (!found) return;
    event.preventDefault();
    // A digit held down would take a side, name a reason, and so settle the whole night.
    if (!event.repeat || found.repeats) this.act(found.action);
  }

  #take(letter) {
    const said = this.store.said(this.store.current);
    if (!said) return this.say("All sides agree here; E writes something else");
    const { stage, rules, rationale } = said[this.store.sides.indexOf(letter)];
    if (stage === null) return this.say(`${letter} did not score this epoch`);
    this.#draft = null;
    this.#ask({ choice: "take", side: letter, stage, rules, rationale });
  }

  #beginWriting() {
    if (!this.editable) return this.say("This adjudication is over: nothing was changed");
    const { stage, rules, rationale } = this.store.decision(this.store.current);
    this.#draft = { stage, rules: stage ? rules : [], rationale };
    this.#pending = null;
    this.show();
    this.#saying.announce("Write: stage, rules, words, then Enter");
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
    this.#ask({ choice: "write", side: null, ...this.#draft });
  }

  /** Hold a verdict until a reason is given. */
  #ask(verdict) {
    if (!this.editable) return this.say("This adjudication is over: nothing was changed");
    this.#pending = verdict;
    this.show();
    this.#saying.announce("Why? A digit names the reason, Esc leaves it");
  }

  #because(reason) {
    if (!this.#pending) return;
    const epoch = this.store.current;
    const after = { ...this.#pending, reason };
    this.#undo.push({ epoch, before: this.store.decision(epoch), after, field: "decision" });
    this.#save(epoch, after, "edit");
    this.go(this.store.nextOpen(epoch) ?? epoch);
    if (!this.store.open.length) this.say("All is settled: Ctrl Enter makes the consensus");
  }

  #travel(change, which, otherwise) {
    if (!this.editable) return this.say("This adjudication is over: nothing was changed");
    if (!change) return this.say(otherwise);
    const content = change[which].choice ? change[which] : WITHDRAWN;
    this.#save(change.epoch, content, which === "before" ? "undo" : "redo");
    this.go(change.epoch);
  }

  #save(epoch, content, why) {
    const version = this.store.version(epoch);
    this.store.set(epoch, content);
    this.queue.put({ epoch, content, version, why, shown: this.shown(), activeMs: this.active.takeMs() });
    this.#changed(epoch);
  }

  #changed(epoch) {
    this.hypnogram.redraw();
    this.strip.redraw();
    if (epoch === this.store.current) this.show();
  }

  #goIf(epoch, otherwise) {
    if (epoch === null) this.say(otherwise);
    else this.go(epoch);
  }

  #apply(settings) {
    this.settings = settings;
    keepSettings(settings);
    this.#showSettings();
    this.traces?.apply(settings, 0);
  }

  #showSettings() {
    const { gainUvPerMm, pageS, negativeUp, model, sides } = this.settings;
    setText(this.parts.page, pageName(pageS));
    setText(this.parts.gain, model ? "±50 µV a band" : `${gainUvPerMm} µV/mm`);
    setText(this.parts.polarity, model || !negativeUp ? "positive up" : "negative up");
    this.parts.traces.toggleAttribute("data-model", model);
    this.parts.traces.toggleAttribute("data-black", model || this.settings.colours === "published");
    this.parts.traces.toggleAttribute("data-alone", !sides || pageS !== EPOCH_S);
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
      const goesOn = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (event.key !== "Escape" && !goesOn) return;
      event.preventDefault();
      event.stopPropagation();
      box.blur();
      if (goesOn) this.act("written");
    });
  }
}
