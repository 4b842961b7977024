// The workbench as its parts know it: what is on the page, what is in force, and who is told when either changes.

import { verbsOf } from "./commands.js";
import { setText, stageChip } from "./dom.js";
import { Editing } from "./editing.js";
import { Keyboard } from "./keyboard.js";
import { showKeyHints } from "./keyhints.js";
import { attachRationale } from "./rationale.js";
import { Saying } from "./saying.js";
import { changed, keepSettings } from "./settings.js";
import { showSettings } from "./settingsline.js";
import { stageName } from "./stages.js";
import { Turning } from "./turning.js";

export class Workbench {
  /** Each has show(epoch), called when the page has turned or the epoch has changed. */
  followers = [];
  #keyboard;
  #saying;
  #verbs;

  constructor({ parts, store, session, panel, traces, hypnogram, settings, rules, editable, place, clock, dialogs, findings, history, keeper, keys, track, mode, lights }) {
    Object.assign(this, { parts, store, session, panel, traces, hypnogram, settings, rules, editable, place, clock, dialogs, findings, history, keeper, track, mode, lights });
    this.#saying = new Saying({ parts });
    this.turning = new Turning({ bench: this });
    this.editing = new Editing({ bench: this });
    this.#verbs = verbsOf(this);
    session.addEventListener("score", ({ detail }) => this.#scoreChanged(detail.epoch));
    this.#keyboard = new Keyboard({
      keys,
      onCommand: (action, press) => this.act(action, press),
      onChord: (typed) => panel.setChord(typed?.toUpperCase() ?? null),
      onRule: (typed) => this.editing.citeByChord(typed),
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.act(button.dataset.act);
    });
    if (parts.rationale) this.#attachRationale(parts.rationale);
    showSettings(parts, settings, this);
  }

  go(epoch, part = 0) {
    this.turning.go(epoch, part);
  }

  /** `press` says how a key was pressed: {other, from}, see goesOn(). */
  act(action, press = {}) {
    const [verb, object] = action.split(/:(.*)/);
    const settings = changed(this.settings, action, this.track);
    if (settings) return this.apply(settings);
    this.#verbs[verb]?.(object, press);
  }

  /** Change the epoch on the page; false, and said so, where nothing may be changed. */
  edit(patch, field) {
    return this.editing.change(patch, field);
  }

  /** An answer to a key. */
  say(text) {
    this.#saying.say(text);
  }

  beginChord() {
    this.#keyboard.beginChord();
  }

  showProgress() {
    setText(this.parts.progress, `${this.store.scoredCount} / ${this.store.epochCount}`);
  }

  /** Put other keys in force, and on the page. */
  setKeys(keys) {
    this.#keyboard.keys = keys;
    showKeyHints(document, keys);
    this.panel.setKeys(keys);
    this.panel.show(this.store.score(this.store.current));
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
    showSettings(this.parts, settings, this);
    if (!samePart) this.turning.part = 0;
    this.traces?.apply(settings, this.turning.part);
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

  /** Put the epoch that is the store's current one on the page. */
  showEpoch() {
    const { current } = this.store;
    this.hypnogram.moveCursor(current);
    this.panel.show(this.store.score(current));
    setText(this.parts.epoch, `epoch ${current + 1}`);
    setText(this.parts.clock, this.clock.time(current));
    this.#showSide(this.parts.before, current - 1);
    this.#showSide(this.parts.after, current + 1);
    this.#saying.announce(`Epoch ${current + 1}: ${stageName(this.store.stage(current))}`);
    for (const follower of this.followers) follower.show(current);
  }

  #showSide(node, epoch) {
    const inside = epoch === this.store.clamp(epoch);
    node.hidden = !inside;
    if (inside) node.replaceChildren(String(epoch + 1), " ", stageChip(this.store.stage(epoch)));
  }

  #scoreChanged(epoch) {
    this.hypnogram.redraw();
    if (Math.abs(epoch - this.store.current) <= 1) this.showEpoch();
    this.showProgress();
  }

  #attachRationale(box) {
    attachRationale(box, {
      onText: (rationale) => this.edit({ rationale }, "rationale"),
      onLeave: () => this.session.flush(),
      onLeftOut: (words) => this.say(words),
      onNext: () => this.turning.by(1),
    });
  }
}
