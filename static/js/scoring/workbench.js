// The workbench as its parts share it: the display in force, where in the night it is, the epoch on the page,
// and what each command does.

import { DERIVATIONS } from "../signals/channels.js";
import { advanceSetting, changed, goesOn, keepSettings, showSettings } from "../signals/display.js";
import { stageName } from "../signals/night.js";
import { pageWords, partAfter, partCount } from "../signals/scale.js";
import { setText, stageChip } from "../site/dom.js";

/**
 * What the parts of the workbench share; made once, in main.js.
 *
 * @typedef {object} Bench
 * @property {Object<string, HTMLElement>} parts elements of the page by their data-part
 * @property {import("./scores.js").ScoringStore} store scores of all epochs, and the epoch on the page
 * @property {import("../site/dom.js").Answers} answers words that answer a key
 * @property {View} view the display settings in force
 * @property {import("./scores.js").Session} session changes: store, undo list and save queue
 * @property {Turning} turning the way through the night
 * @property {import("./editing.js").Editing} editing changes by the person, as far as the scoring is open
 */

/** The display settings in force, on the page and remembered. "changed" events {isOtherPage}: the traces follow. */
export class View extends EventTarget {
  traces = null; // stays so where the recording has no signals
  #parts;
  #keeper;
  #hasRaw;
  #protocol;

  /**
   * `keeper` remembers settings on the server; `hasRaw`: whether the recording has unfiltered channels; `track` and
   * `mode` are those of the scoring.
   */
  constructor({ parts, settings, keeper, hasRaw, track, mode }) {
    super();
    this.settings = settings;
    [this.#parts, this.#keeper, this.#hasRaw] = [parts, keeper, hasRaw];
    // In reveal a stage key that goes on would lock the answer: it does where a person has chosen that.
    this.#protocol = { track: mode === "reveal" ? "fine" : track, mode };
    this.#show();
  }

  /** False where a command is about something else. */
  act(action) {
    const settings = changed(this.settings, action, this.#protocol.track);
    if (settings) this.apply(settings);
    return settings !== null;
  }

  /** Put settings in force and remember them. */
  apply(settings) {
    const isOtherPage = settings.pageS !== this.settings.pageS;
    this.remember(settings);
    this.#show();
    this.dispatchEvent(new CustomEvent("changed", { detail: { isOtherPage } }));
  }

  /** Settings that change nothing about the traces themselves. */
  remember(settings) {
    this.settings = settings;
    keepSettings(settings);
    this.#keeper.keep(settings);
  }

  /** Whether a stage key pressed so goes on to the next epoch. */
  goesOn(press) {
    return goesOn(this.settings, this.#protocol.track, press);
  }

  #show() {
    showSettings(this.#parts, this.settings, { hasRaw: this.#hasRaw });
    showAdvance(this.#parts, this.settings, this.#protocol);
  }
}

function showAdvance({ advance }, settings, { track, mode }) {
  const goesOnTo = mode === "reveal" ? "lock" : "next epoch";
  setText(advance, `stage key: ${settings[advanceSetting(track)] ? goesOnTo : "stay"}`);
}

/** Where in the night this scoring was left in this browser; the address (?epoch=, counted from 0) comes first. */
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
      const wanted = new URLSearchParams(location.search).get("epoch") ?? remembered(key);
      if (wanted !== null && Number.isInteger(Number(wanted))) return store.clamp(Number(wanted));
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

/**
 * The way through the night by epochs, or by the parts of an epoch where the page is shorter.
 * "turned" events: another epoch, or another part of it, belongs on the page.
 */
export class Turning extends EventTarget {
  /** The part of the epoch on the page. */
  part = 0;
  #store;
  #session;
  #view;
  #answers;
  #place;

  constructor({ store, session, view, answers, place }) {
    super();
    [this.#store, this.#session, this.#view, this.#answers, this.#place] = [store, session, view, answers, place];
    view.addEventListener("changed", ({ detail }) => {
      if (detail.isOtherPage) this.part = 0;
    });
  }

  go(epoch, part = 0) {
    this.#session.flush();
    this.#store.current = this.#store.clamp(epoch);
    this.part = part;
    this.dispatchEvent(new CustomEvent("turned"));
    this.#place.keep(this.#store.current);
  }

  by(step) {
    const { pageS } = this.#view.settings;
    const part = partAfter(pageS, this.part, step);
    if (part !== null) return this.go(this.#store.current, part);
    const epoch = this.#store.current + step;
    if (epoch === this.#store.clamp(epoch)) this.go(epoch, step > 0 ? 0 : partCount(pageS) - 1);
  }

  /** To an epoch that was looked for; `otherwise` is the answer where there is none. */
  goIf(epoch, otherwise) {
    if (epoch === null) this.#answers.say(otherwise);
    else this.go(epoch);
  }
}

/** "Go to": an epoch as people count it, from 1, or a time of the night. */
export class GotoDialog {
  #parts;

  constructor({ parts, store, turning }, { clock }) {
    this.#parts = parts;
    parts.gotoForm.addEventListener("submit", (event) => {
      event.preventDefault();
      const epoch = epochFrom(parts.gotoInput.value.trim(), store, clock);
      parts.gotoError.hidden = epoch !== null;
      if (epoch === null) return;
      parts.gotoDialog.close();
      turning.go(epoch);
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

/** The current epoch of the store, on the page. */
export class EpochPage {
  #bench;
  #panel;
  #hypnogram;
  #clock;
  #followers;

  /** `followers` have show(epoch): they are called when the page has turned or the epoch has changed. */
  constructor(bench, { panel, hypnogram, clock, followers }) {
    this.#bench = bench;
    [this.#panel, this.#hypnogram, this.#clock, this.#followers] = [panel, hypnogram, clock, followers];
    bench.session.addEventListener("score", ({ detail }) => this.#scoreChanged(detail.epoch));
    this.#showProgress();
  }

  show() {
    const { parts, store, answers, turning, view } = this.#bench;
    const { current } = store;
    this.#hypnogram.moveCursor(current);
    this.#panel.show(store.score(current));
    setText(parts.epoch, `epoch ${current + 1}`);
    setText(parts.clock, this.#clock.time(current));
    setText(parts.page, pageWords(view.settings.pageS, turning.part));
    this.#showSide(parts.before, current - 1);
    this.#showSide(parts.after, current + 1);
    answers.announce(`Epoch ${current + 1}: ${stageName(store.stage(current))}`);
    for (const follower of this.#followers) follower.show(current);
  }

  #showSide(node, epoch) {
    const { store } = this.#bench;
    const inside = epoch === store.clamp(epoch);
    node.hidden = !inside;
    if (inside) node.replaceChildren(String(epoch + 1), " ", stageChip(store.stage(epoch)));
  }

  #scoreChanged(epoch) {
    this.#hypnogram.redraw();
    if (Math.abs(epoch - this.#bench.store.current) <= 1) this.show();
    this.#showProgress();
  }

  #showProgress() {
    const { parts, store } = this.#bench;
    setText(parts.progress, `${store.scoredCount} / ${store.epochCount}`);
  }
}

/**
 * What keys, buttons and the strip ask for. Returns act(action, press): a command of the key table, as "stage:N2",
 * with how its key was pressed, {other, from}, see goesOn().
 *
 * `tools` are what commands open or act on: panel, findings, history, lights, desk, and dialogs by their command;
 * assistance, fileEvents and phrasebook are null where the scoring has none.
 */
export function commandsOf(bench, tools) {
  const verbs = { ...movingVerbs(bench, tools), ...editingVerbs(bench, tools), ...openingVerbs(bench, tools) };
  return (action, press = {}) => {
    if (bench.view.act(action)) return;
    const [verb, object] = action.split(/:(.*)/);
    verbs[verb]?.(object, press);
  };
}

function movingVerbs({ store, turning }, { findings }) {
  return {
    next: () => turning.by(1),
    previous: () => turning.by(-1),
    first: () => turning.go(0),
    last: () => turning.go(store.epochCount - 1),
    unscored: () => turning.goIf(store.nextUnscored(store.current), "All epochs are scored"),
    transition: () => turning.goIf(store.nextTransition(store.current), "No further transition"),
    finding: () => turning.goIf(findings.next(store.current), "Nothing to check"),
  };
}

function editingVerbs({ store, view, turning, editing }, { panel, lights, assistance, dialogs }) {
  /** A stage key may go on to the next epoch, or lock the answer where the mode asks for that first. */
  const stage = (name, press) => {
    if (!editing.setStage(name) || !view.goesOn(press)) return;
    if (!assistance?.lockFirst()) turning.go(store.current + 1);
  };
  return {
    stage,
    unscore: () => editing.setStage(null),
    quick: (index) => editing.cite(panel.quickRule(store.stage(store.current), Number(index))),
    rule: (id) => editing.citeById(id),
    flag: (name) => editing.flag(name),
    copy: () => editing.copy(),
    undo: () => editing.undo(),
    redo: () => editing.redo(),
    lights: (side) => (side ? editing.changeLights(lights.toggled(side, store.current)) : dialogs.lights()),
  };
}

function openingVerbs({ parts, answers }, { keyboard, history, desk, assistance, fileEvents, phrasebook, dialogs }) {
  return {
    chord: () => keyboard.beginChord(),
    explain: () => parts.rationale?.focus(),
    assist: (what, press) => (assistance ? assistance.act(what, press) : answers.say("This mode has no suggestions")),
    "file-events": () => (fileEvents ? fileEvents.toggle() : answers.say("No events of imported files")),
    history: () => history.toggle(),
    measure: () => desk.toggle(),
    evidence: () => desk.nextChip(),
    spectrum: () => desk.toggleSpectrum(),
    phrases: () => (phrasebook ? phrasebook.open() : answers.say("The coarse track has no rationales")),
    open: (dialogId) => openById(dialogId, answers),
    goto: () => dialogs.goto(),
    display: () => dialogs.display(),
    help: () => dialogs.help(),
    keys: () => dialogs.keys(),
    submit: () => dialogs.submit(),
    conflict: () => dialogs.conflict(),
  };
}

function openById(dialogId, answers) {
  const dialog = document.getElementById(dialogId);
  if (dialog) dialog.showModal();
  else answers.say("Not available in this study");
}

/** Name the derivations that are another channel, and those that the file does not have. */
export function showAbsent(parts, signals) {
  const absent = signals ? DERIVATIONS.filter((name) => !signals.derivations.includes(name)) : [];
  const mapped = Object.entries(signals?.standIns ?? {}).map(([name, label]) => `${name} is ${label}`);
  // A long list would lie over the chin.
  const words = mapped.length > 2 ? [`${mapped.length} derivations are mapped, see the recording`] : mapped;
  if (absent.length) words.push(`not in the file: ${absent.join(", ")}`);
  parts.absent.hidden = !words.length;
  setText(parts.absent, words.join("; "));
}
