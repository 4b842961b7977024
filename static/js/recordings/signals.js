// The signals of a recording, to look at only: the traces of the workbench, without anything to score.

import { KeySets } from "../keys/keyboard.js";
import { loadKeys, showKeyHints, showKeys } from "../keys/page.js";
import {
  changed, DisplayDialog, keepSettings, loadSettings, preferenceKeeper, showSettings, soundSettings,
} from "../signals/display.js";
import { NightEnvelope } from "../signals/night.js";
import { loadSignals, rawOpener, recordingApi } from "../signals/records.js";
import { nightClock, pageWords, partAfter, partCount } from "../signals/scale.js";
import { attachMoving, TraceView } from "../signals/traces.js";
import { onThemeChange, partsOf, setText } from "../site/dom.js";
import { preferencesApi } from "../site/server.js";

/** The commands of the workbench that look and go, and change nothing of a scoring. */
const COMMANDS = new Set([
  "next", "previous", "first", "last", "goto", "gain:up", "gain:down", "page:shorter", "page:longer", "polarity",
  "sides", "display", "filters", "model", "help",
]);

const root = document.querySelector("[data-signals]");
const parts = partsOf(document.body);
const { apiRoot, recordingId } = root.dataset;
const api = { ...recordingApi({ root: apiRoot, recordingId }), ...preferencesApi(apiRoot) };

/** The place in the night that the address asks for: `epoch` counted from 0, or `number` as people count. */
function placeInAddress(clamp) {
  const asked = new URLSearchParams(location.search);
  const epoch = asked.has("number") ? Number(asked.get("number")) - 1 : Number(asked.get("epoch") ?? 0);
  return clamp(Number.isInteger(epoch) ? epoch : 0);
}

class SignalsPage {
  #epochCount;
  #clock;
  #settings;
  #keeper;
  #signals;
  #traces;
  #epoch = 0;
  #part = 0;

  constructor({ recording, signals, settings, keeper }) {
    this.#epochCount = recording.epoch_count;
    this.#clock = nightClock({ startClockS: recording.start_clock_s, epoch0S: recording.epoch0_s });
    [this.#settings, this.#keeper, this.#signals] = [settings, keeper, signals];
    const openRaw = signals.hasRaw ? rawOpener({ layout: api.rawLayout, epochs: api.rawEpochs }) : async () => null;
    const envelope = new NightEnvelope({ fetch: api.envelope });
    const { strip, epochMark: mark } = parts;
    this.#traces = new TraceView({
      layers: [parts.under, parts.traceCanvas, parts.over], signals, openRaw, epochCount: this.#epochCount, settings,
      night: { envelope, clock: this.#clock, mark, strip, onGo: (epoch) => this.go(epoch) },
    });
    for (const source of [signals, envelope]) {
      source.addEventListener("failed", ({ detail }) =>
        setText(parts.waiting, `The signal could not be loaded. ${detail.error.message} Trying again.`));
    }
    signals.addEventListener("epoch", () => setText(parts.waiting, "The signal is loading."));
    this.dialog = new DisplayDialog({
      parts, signals, openRaw, settings: () => this.#settings, onChange: (wanted) => this.#apply(wanted),
    });
    new ResizeObserver(() => this.#moveCursor()).observe(parts.strip);
    onThemeChange(() => this.#traces.rebuild());
    attachMoving(parts.traces, this.#movable);
    this.#showSettings();
  }

  clamp = (epoch) => Math.min(Math.max(epoch, 0), this.#epochCount - 1);

  go(epoch, part = 0) {
    this.#epoch = this.clamp(epoch);
    this.#part = part;
    this.#traces.show(this.#epoch, part);
    setText(parts.epoch, `epoch ${this.#epoch + 1} of ${this.#epochCount}`);
    setText(parts.clock, this.#clock.time(this.#epoch));
    setText(parts.page, pageWords(this.#settings.pageS, part));
    setText(parts.live, `Epoch ${this.#epoch + 1}`);
    parts.strip.setAttribute("aria-valuenow", this.#epoch + 1);
    this.#moveCursor();
  }

  /** False where a text names no epoch of this recording. */
  goTo(text) {
    const epoch = text.includes(":") ? this.#clock.epochAt(text, this.#epochCount) : Number(text) - 1;
    const isThere = text !== "" && epoch !== null && Number.isInteger(epoch) && epoch === this.clamp(epoch);
    if (isThere) this.go(epoch);
    return isThere;
  }

  act(action) {
    const settings = changed(this.#settings, action);
    if (settings) return this.#apply(settings);
    const acts = {
      next: () => this.#by(1), previous: () => this.#by(-1), first: () => this.go(0),
      last: () => this.go(this.#epochCount - 1), goto: () => parts.gotoInput.focus(),
      display: () => this.dialog.open(), help: () => parts.help.showModal(),
    };
    acts[action]?.();
  }

  /** What wheel, pinch and middle button move. */
  get #movable() {
    return {
      traces: this.#traces, settings: () => this.#settings, change: (action) => this.act(action),
      place: () => ({ epoch: this.#epoch, part: this.#part, epochCount: this.#epochCount }),
      zoom: (pageS, part) => this.#apply({ ...this.#settings, pageS }, part),
      go: (epoch, part) => this.go(epoch, part),
      turn: (step) => this.#by(step),
    };
  }

  #by(step) {
    const { pageS } = this.#settings;
    const part = partAfter(pageS, this.#part, step);
    if (part !== null) return this.go(this.#epoch, part);
    const epoch = this.clamp(this.#epoch + step);
    if (epoch !== this.#epoch) this.go(epoch, step > 0 ? 0 : partCount(pageS) - 1);
  }

  #apply(settings, part = settings.pageS === this.#settings.pageS ? this.#part : 0) {
    this.#part = part;
    this.#settings = settings;
    keepSettings(settings);
    this.#keeper.keep(settings);
    this.#traces.apply(settings, this.#part);
    this.#showSettings();
  }

  #moveCursor() {
    const share = (this.#epoch + 0.5) / this.#epochCount;
    parts.cursor.style.transform = `translateX(${share * parts.strip.clientWidth}px)`;
  }

  #showSettings() {
    showSettings(parts, this.#settings, { hasRaw: this.#signals.hasRaw, part: this.#part });
  }
}

function attachKeys(page, { workbench }) {
  const rows = workbench.bindings.filter(({ action }) => COMMANDS.has(action));
  showKeys(parts.helpKeys, rows.map((binding) => ({ ...binding, keys: workbench.keysOf(binding.action) })));
  showKeyHints(document, workbench);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "Enter" && event.target.closest("button, a")) return;
    const action = workbench.actionFor(event)?.action;
    if (!COMMANDS.has(action)) return;
    event.preventDefault();
    if (!event.repeat || workbench.mayRepeat(action)) page.act(action);
  });
}

function attachPointer(page) {
  document.addEventListener("click", ({ target }) => {
    const action = target.closest("[data-act]")?.dataset.act;
    if (action) page.act(action);
  });
  const go = ({ clientX }) => {
    const box = parts.strip.getBoundingClientRect();
    page.go(Math.floor(((clientX - box.left) / box.width) * parts.strip.getAttribute("aria-valuemax")));
  };
  parts.strip.addEventListener("pointerdown", (event) => event.button === 0 && go(event));
  parts.strip.addEventListener("pointermove", (event) => event.buttons === 1 && go(event));
  parts.gotoForm.addEventListener("submit", (event) => {
    event.preventDefault();
    parts.gotoError.hidden = page.goTo(parts.gotoInput.value.trim());
    if (parts.gotoError.hidden) parts.gotoInput.blur();
  });
}

async function start() {
  const keeper = preferenceKeeper({ api, name: "display" });
  const [recording, kept, keys] = await Promise.all([api.recording(), keeper.load(), loadKeys(api)]);
  const signals = await loadSignals(api, recording);
  const page = new SignalsPage({
    recording, signals, keeper, settings: soundSettings({ ...loadSettings(), ...kept }),
  });
  attachKeys(page, keys ?? new KeySets());
  attachPointer(page);
  page.go(placeInAddress(page.clamp));
  root.dataset.ready = "";
}

start().catch((error) => {
  parts.notice.hidden = false;
  setText(parts.noticeText, `The signals could not be opened: ${error.message} Reload the page to try again.`);
  if (!("status" in error)) throw error;
});
