// What each action of the key map does. Keys, buttons and the strip all end here.

import { advanceSetting, goesOn } from "./advance.js";
import { setText, stageChip } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { showKeyHints } from "./keyhints.js";
import { copied } from "./phrases.js";
import { attachRationale } from "./rationale.js";
import { ruleFromChord, rulesAfterStage, toggled } from "./rules.js";
import { EPOCH_S, isNight, pageName, partCount } from "./scale.js";
import { changed, keepSettings } from "./settings.js";
import { stageName } from "./stages.js";

const SAID_MS = 4_000;

export class Workbench {
  /** Each has show(epoch), called when the page has turned or the epoch has changed. */
  followers = [];
  #part = 0;
  #keyboard;
  #saidTimer = null;

  constructor({ parts, store, session, panel, traces, hypnogram, settings, rules, editable, place, clock, dialogs, findings, history, keeper, keys, track, mode, lights }) {
    Object.assign(this, { parts, store, session, panel, traces, hypnogram, settings, rules, editable, place, clock, dialogs, findings, history, keeper, track, mode, lights });
    session.addEventListener("score", ({ detail }) => this.#scoreChanged(detail.epoch));
    this.#keyboard = new Keyboard({
      keys,
      onCommand: (action, press) => this.act(action, press),
      onChord: (typed) => panel.setChord(typed?.toUpperCase() ?? null),
      onRule: (typed) => this.#citeByChord(typed),
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.act(button.dataset.act);
    });
    if (parts.rationale) this.#attachRationale(parts.rationale);
    this.#showSettings();
  }

  go(epoch, part = 0) {
    this.session.flush();
    this.store.current = this.store.clamp(epoch);
    this.#part = part;
    this.traces?.show(this.store.current, part);
    this.#showEpoch();
    this.place.keep(this.store.current);
  }

  /** `press` says how a key was pressed: {other, from}, see goesOn(). */
  act(action, press = {}) {
    const [verb, object] = action.split(/:(.*)/);
    const settings = changed(this.settings, action, this.track);
    if (settings) return this.apply(settings);
    const verbs = {
      stage: () => this.#stage(object, press),
      unscore: () => this.#setStage(null),
      quick: () => this.#cite(this.panel.quickRule(this.store.stage(this.store.current), Number(object))),
      rule: () => this.#cite(this.rules.find((rule) => rule.id === object)),
      chord: () => this.#keyboard.beginChord(),
      flag: () => this.#change({ flags: toggled(this.#score().flags, object) }, "flags"),
      explain: () => this.parts.rationale?.focus(),
      next: () => this.#turn(1),
      previous: () => this.#turn(-1),
      first: () => this.go(0),
      last: () => this.go(this.store.epochCount - 1),
      unscored: () => this.#goIf(this.store.nextUnscored(this.store.current), "Every epoch is scored"),
      transition: () => this.#goIf(this.store.nextTransition(this.store.current), "No further change of stage"),
      finding: () => this.#goIf(this.findings.next(this.store.current), "Nothing to check"),
      assist: () => (this.assistance ? this.assistance.act(object, press) : this.say("In this mode there is no help to be seen")),
      history: () => this.history.toggle(),
      measure: () => this.evidence.toggle(),
      evidence: () => this.evidence.nextChip(),
      phrases: () => (this.phrasebook ? this.phrasebook.open() : this.say("No rationales are asked for here")),
      copy: () => this.#copy(),
      goto: () => this.dialogs.goto(),
      undo: () => this.#mayChange() && this.#travel(this.session.undo(), "Nothing to undo"),
      redo: () => this.#mayChange() && this.#travel(this.session.redo(), "Nothing to redo"),
      display: () => this.dialogs.display(),
      lights: () => (object ? this.#markLights(object) : this.dialogs.lights()),
      help: () => this.dialogs.help(),
      keys: () => this.dialogs.keys(),
      open: () => this.#open(object),
      submit: () => this.dialogs.submit(),
      conflict: () => this.dialogs.conflict(),
    };
    verbs[verb]?.();
  }

  /** Change the epoch on the page; false, and said so, where nothing may be changed. */
  edit(patch, field) {
    this.#change(patch, field);
    return this.editable;
  }

  /** Put other lights marks in force. */
  changeLights(marks) {
    if (!this.#mayChange()) return;
    const problem = this.lights.problem(marks);
    if (problem) return this.say(`${problem}: nothing was changed`);
    this.session.changeLights(marks);
    this.say(this.parts.lights.textContent);
  }

  /** An answer to a key: heard by a screen reader, and seen for some seconds. */
  say(text) {
    this.#announce(text);
    this.parts.said.hidden = false;
    setText(this.parts.said, text);
    clearTimeout(this.#saidTimer);
    this.#saidTimer = setTimeout(() => (this.parts.said.hidden = true), SAID_MS);
  }

  showProgress() {
    setText(this.parts.progress, `${this.store.scoredCount} / ${this.store.epochCount}`);
  }

  /** Put other keys in force, and on the page. */
  setKeys(keys) {
    this.#keyboard.keys = keys;
    showKeyHints(document, keys);
    this.panel.setKeys(keys);
    this.panel.show(this.#score());
  }

  get keys() {
    return this.#keyboard.keys;
  }

  recolour() {
    this.hypnogram.recolour();
    this.traces?.rebuild();
  }

  /** Put display settings in force and remember them. */
  apply(settings) {
    const samePart = settings.pageS === this.settings.pageS;
    this.remember(settings);
    this.#showSettings();
    if (!samePart) this.#part = 0;
    this.traces?.apply(settings, this.#part);
  }

  /** Settings that change nothing about the traces themselves. */
  remember(settings) {
    this.settings = settings;
    keepSettings(settings);
    this.keeper.keep(settings);
  }

  /** Everything can be looked at, nothing changed; `why` in a word or two for the bar, null opens it again. */
  lock(why) {
    this.editable = why === null;
    this.parts.closed.hidden = this.editable;
    setText(this.parts.closed, why ?? "");
    document.body.toggleAttribute("data-locked", !this.editable);
    this.parts.submit.disabled = !this.editable;
    if (this.parts.rationale) this.parts.rationale.readOnly = !this.editable;
  }

  #announce(text) {
    setText(this.parts.live, text);
  }

  #score() {
    return this.store.score(this.store.current);
  }

  #change(patch, field) {
    if (this.#mayChange()) this.session.change(this.store.current, patch, field);
  }

  #mayChange() {
    if (!this.editable) this.say(`This scoring is ${this.parts.closed.textContent}: nothing was changed`);
    return this.editable;
  }

  #markLights(side) {
    this.changeLights(this.lights.toggled(side, this.store.current));
  }

  #setStage(stage) {
    this.#change({ stage, rules: rulesAfterStage(this.rules, this.#score().rules, stage) }, "stage");
  }

  #stage(stage, press) {
    this.#setStage(stage);
    if (!this.editable || !goesOn(this.settings, this.track, press)) return;
    if (!this.assistance?.lockFirst()) this.go(this.store.current + 1);
  }

  /** Citing a rule that speaks for one stage alone also stages an epoch that has none. */
  #cite(rule) {
    if (!rule) return this.say(this.#score().stage ? "No rule has this key here" : "Stage the epoch first, or cite a rule by full stop and its keys");
    const { stage, rules } = this.#score();
    const only = rule.supports.length === 1 ? rule.supports[0] : null;
    this.#change({ stage: stage ?? only, rules: toggled(rules, rule.id) }, "rules");
  }

  #citeByChord(typed) {
    const rule = ruleFromChord(this.rules, typed);
    if (rule) this.#cite(rule);
    else this.say(`No rule .${typed}`);
  }

  #open(dialogId) {
    const dialog = document.getElementById(dialogId);
    if (dialog) dialog.showModal();
    else this.say("This study has none");
  }

  #copy() {
    const { current } = this.store;
    if (current === 0) return this.say("There is no epoch before this one");
    const before = this.store.score(current - 1);
    const patch = copied(before, this.#score(), this.rules, { withWords: Boolean(this.parts.rationale) });
    if (this.edit(patch, "copy")) this.say(`Copied from epoch ${current}`);
  }

  #turn(by) {
    const parts = partCount(this.settings.pageS);
    const part = this.#part + by;
    if (part >= 0 && part < parts) return this.go(this.store.current, part);
    const epoch = this.store.current + by;
    if (epoch !== this.store.clamp(epoch)) return;
    this.go(epoch, by > 0 ? 0 : parts - 1);
  }

  #goIf(epoch, otherwise) {
    if (epoch === null) this.say(otherwise);
    else this.go(epoch);
  }

  #travel(epoch, otherwise) {
    if (epoch === null) return this.say(otherwise);
    if (epoch === "lights") return this.say(this.parts.lights.textContent);
    if (epoch !== this.store.current) this.go(epoch);
    this.say(`Epoch ${epoch + 1}: ${stageName(this.store.stage(epoch))}`);
  }

  #showSettings() {
    const { gainUvPerMm, pageS, negativeUp, model, sides, filters, notch, colours } = this.settings;
    setText(this.parts.page, pageName(pageS));
    setText(this.parts.gain, model ? "±50 µV a band" : `${gainUvPerMm} µV/mm`);
    setText(this.parts.polarity, model || !negativeUp ? "positive up" : "negative up");
    // The whole night is drawn filtered, whatever is set for shorter pages.
    const off = isNight(pageS) ? [] : [filters ? "" : "filters", notch ? "" : "notch"].filter(Boolean);
    setText(this.parts.display, off.length && !model ? `${off.join(" and ")} off` : "display");
    this.parts.display.toggleAttribute("data-off", off.length > 0 && !model);
    setText(this.parts.advance, this.settings[advanceSetting(this.track)] ? `stage key: ${this.mode === "reveal" ? "lock" : "next epoch"}` : "stage key: stay");
    this.parts.model.setAttribute("aria-pressed", String(model));
    this.parts.sides.setAttribute("aria-pressed", String(sides));
    this.parts.traces.toggleAttribute("data-model", model);
    this.parts.traces.toggleAttribute("data-black", model || colours === "published");
    this.parts.traces.toggleAttribute("data-alone", !sides || pageS !== EPOCH_S);
  }

  #scoreChanged(epoch) {
    this.hypnogram.redraw();
    if (Math.abs(epoch - this.store.current) <= 1) this.#showEpoch();
    this.showProgress();
  }

  #showEpoch() {
    const { current } = this.store;
    this.hypnogram.moveCursor(current);
    this.panel.show(this.#score());
    setText(this.parts.epoch, `epoch ${current + 1}`);
    setText(this.parts.clock, this.clock.time(current));
    this.#showSide(this.parts.before, current - 1);
    this.#showSide(this.parts.after, current + 1);
    this.#announce(`Epoch ${current + 1}: ${stageName(this.store.stage(current))}`);
    for (const follower of this.followers) follower.show(current);
  }

  #showSide(node, epoch) {
    const inside = epoch === this.store.clamp(epoch);
    node.hidden = !inside;
    if (inside) node.replaceChildren(String(epoch + 1), " ", stageChip(this.store.stage(epoch)));
  }

  #attachRationale(box) {
    attachRationale(box, {
      onText: (rationale) => this.#change({ rationale }, "rationale"),
      onLeave: () => this.session.flush(),
      onLeftOut: (count) => this.say(`${count} control character${count === 1 ? " was" : "s were"} left out of the pasted text`),
      onNext: () => this.#turn(1),
    });
  }
}
