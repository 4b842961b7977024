// The workbench as its parts know it: what is on the page, what is in force, and who is told when either changes.

import { Keyboard } from "../keys/keyboard.js";
import { showKeyHints } from "../keys/mykeys.js";
import { advanceSetting, changed, keepSettings } from "../signals/display.js";
import { stageName } from "../signals/night.js";
import { EPOCH_S, isNight, pageName, partCount } from "../signals/scale.js";
import { attachRationale, Saying, setText, stageChip } from "../site/dom.js";
import { Editing } from "./scores.js";

// Where in the night we are: from the address (?epoch=, counted from 0), else where this scoring was left.

export function placeOf(scoringId) {
  const key = `epochwise.place.${scoringId}`;
  return {
    keep(epoch) {
      try {
        localStorage.setItem(key, epoch);
      } catch {
        // The next visit then starts at the first epoch not scored.
      }
    },
    first(store) {
      const asked = new URLSearchParams(location.search).get("epoch");
      const left = asked ?? remembered(key);
      if (left !== null && Number.isInteger(Number(left))) return store.clamp(Number(left));
      return store.nextUnscored(-1) ?? 0;
    },
  };
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

// Going through the night by epochs, or by the parts of one where the page is shorter than it.

class Turning {
  /** The part of the epoch on the page. */
  part = 0;
  #bench;

  constructor({ bench }) {
    this.#bench = bench;
  }

  go(epoch, part = 0) {
    const { session, store, traces, place } = this.#bench;
    session.flush();
    store.current = store.clamp(epoch);
    this.part = part;
    traces?.show(store.current, part);
    this.#bench.showEpoch();
    place.keep(store.current);
  }

  by(step) {
    const { settings, store } = this.#bench;
    const parts = partCount(settings.pageS);
    const part = this.part + step;
    if (part >= 0 && part < parts) return this.go(store.current, part);
    const epoch = store.current + step;
    if (epoch !== store.clamp(epoch)) return;
    this.go(epoch, step > 0 ? 0 : parts - 1);
  }

  /** To an epoch that was looked for; `otherwise` is said where none was found. */
  goIf(epoch, otherwise) {
    if (epoch === null) this.#bench.say(otherwise);
    else this.go(epoch);
  }
}

// "Go to": an epoch as people count it, from 1, or a time of the night.

export class GotoDialog {
  #parts;

  constructor({ parts, store, clock, onGo }) {
    this.#parts = parts;
    parts.gotoForm.addEventListener("submit", (event) => {
      event.preventDefault();
      const epoch = epochFrom(parts.gotoInput.value.trim(), store, clock);
      parts.gotoError.hidden = epoch !== null;
      if (epoch === null) return;
      parts.gotoDialog.close();
      onGo(epoch);
    });
  }

  open() {
    this.#parts.gotoInput.value = "";
    this.#parts.gotoError.hidden = true;
    this.#parts.gotoDialog.showModal();
  }
}

function epochFrom(text, store, clock) {
  if (text.includes(":")) return clock.epochAt(text, store.epochCount);
  const epoch = Number(text) - 1;
  return text !== "" && Number.isInteger(epoch) && epoch === store.clamp(epoch) ? epoch : null;
}

// What each action of the key map does. Keys, buttons and the strip all end here.

/** By the verb of the action; called with its object, as "N2" of "stage:N2", and with how its key was pressed. */
function verbsOf(bench) {
  const { store, editing, turning, findings, history } = bench;
  return {
    stage: (stage, press) => editing.stage(stage, press),
    unscore: () => editing.setStage(null),
    quick: (index) => editing.cite(bench.panel.quickRule(store.stage(store.current), Number(index))),
    rule: (id) => editing.cite(bench.rules.find((rule) => rule.id === id)),
    chord: () => bench.beginChord(),
    flag: (name) => editing.flag(name),
    explain: () => bench.parts.rationale?.focus(),
    next: () => turning.by(1),
    previous: () => turning.by(-1),
    first: () => turning.go(0),
    last: () => turning.go(store.epochCount - 1),
    unscored: () => turning.goIf(store.nextUnscored(store.current), "Every epoch is scored"),
    transition: () => turning.goIf(store.nextTransition(store.current), "No further change of stage"),
    finding: () => turning.goIf(findings.next(store.current), "Nothing to check"),
    assist: (what, press) => (bench.assistance ? bench.assistance.act(what, press) : bench.say("In this mode there is no help to be seen")),
    history: () => history.toggle(),
    measure: () => bench.evidence.toggle(),
    evidence: () => bench.evidence.nextChip(),
    phrases: () => (bench.phrasebook ? bench.phrasebook.open() : bench.say("No rationales are asked for here")),
    copy: () => editing.copy(),
    goto: () => bench.dialogs.goto(),
    undo: () => editing.undo(),
    redo: () => editing.redo(),
    display: () => bench.dialogs.display(),
    lights: (side) => (side ? editing.markLights(side) : bench.dialogs.lights()),
    help: () => bench.dialogs.help(),
    keys: () => bench.dialogs.keys(),
    open: (dialogId) => openDialog(dialogId, bench),
    submit: () => bench.dialogs.submit(),
    conflict: () => bench.dialogs.conflict(),
  };
}

function openDialog(dialogId, bench) {
  const dialog = document.getElementById(dialogId);
  if (dialog) dialog.showModal();
  else bench.say("This study has none");
}

// The display settings in force, in the words of the foot and as what the traces are styled by.

function showSettings(parts, settings, { track, mode }) {
  const { gainUvPerMm, pageS, negativeUp, model, sides } = settings;
  setText(parts.page, pageName(pageS));
  setText(parts.gain, model ? "±50 µV a band" : `${gainUvPerMm} µV/mm`);
  setText(parts.polarity, model || !negativeUp ? "positive up" : "negative up");
  showFilters(parts.display, settings);
  setText(parts.advance, settings[advanceSetting(track)] ? `stage key: ${mode === "reveal" ? "lock" : "next epoch"}` : "stage key: stay");
  parts.model.setAttribute("aria-pressed", String(model));
  parts.sides.setAttribute("aria-pressed", String(sides));
  styleTraces(parts.traces, settings);
}

/** What is switched off; the whole night is drawn filtered all the same, which is said then. */
function filtersOff({ filters, notch, model }) {
  return model ? [] : [filters ? "" : "filters", notch ? "" : "notch"].filter(Boolean);
}

function showFilters(button, settings) {
  const off = filtersOff(settings);
  setText(button, off.length ? isNight(settings.pageS) ? "filtered here" : `${off.join(" and ")} off` : "display");
  button.toggleAttribute("data-off", off.length > 0);
}

function styleTraces(traces, settings) {
  const { model, colours, sides, pageS } = settings;
  traces.toggleAttribute("data-filtered", isNight(pageS) && filtersOff(settings).length > 0);
  traces.toggleAttribute("data-model", model);
  traces.toggleAttribute("data-black", model || colours === "published");
  traces.toggleAttribute("data-alone", !sides || pageS !== EPOCH_S);
}

// The workbench as its parts know it: what is on the page, what is in force, and who is told when either changes.

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
