// How the signal of an item is looked at: the traces, or the image as the model saw it.

import { DERIVATIONS } from "../signals/channels.js";
import { changed, DEFAULTS, DisplayDialog, showFilters, shownWith, soundSettings } from "../signals/display.js";
import { MarksView, Measuring } from "../signals/measuring.js";
import { valuesOf } from "../signals/samples.js";
import { EPOCH_S, pageName, partAfter, partCount, partWords } from "../signals/scale.js";
import { attachMoving } from "../signals/traces.js";
import { setText } from "../site/dom.js";
import { edge } from "./queue.js";
import { ItemTraces, Spots } from "./traces.js";

// How a rater likes to look at items; remembered in this browser. Everybody begins with the same look, not with
// that of their own scorings, and a phone has a look of its own.

const PLACE = "epochwise.rating";
const NARROW_PAGE_S = 10;
const NARROW = matchMedia("(max-width: 720px)");

function storageKey() {
  return NARROW.matches ? `${PLACE}.narrow` : PLACE;
}

/** {view, settings}: `view` is "signal" or "image". */
function loadLook() {
  const first = NARROW.matches ? { ...DEFAULTS, pageS: NARROW_PAGE_S, sides: false } : DEFAULTS;
  try {
    const { view, settings } = JSON.parse(localStorage.getItem(storageKey())) ?? {};
    return { view: view === "image" ? "image" : "signal", settings: soundSettings({ ...first, ...settings }) };
  } catch {
    return { view: "signal", settings: { ...first } };
  }
}

function keepLook(look) {
  try {
    localStorage.setItem(storageKey(), JSON.stringify(look));
  } catch {
    // Not remembered for next time; nothing else depends on it.
  }
}

// How an item was looked at when it was judged, in the words in which scorings tell it.

/** `look` is {view, settings}; `part` the place of a short page in the epoch. */
function shownAs({ view, settings }, { part, ...shown }) {
  const model = view === "image";
  const words = { ...shownWith({ ...settings, model }, shown), view: model ? "image" : "signal" };
  if (model) return { ...words, page_s: null };
  return { ...words, part: { at: Math.round(part * 100) / 100, of: partCount(settings.pageS) } };
}

// How the signal of an item is shown: the traces with the controls of the workbench, or the image as the model saw it.

// An item brings its neighbours and no more.
const LONGEST_PAGE_S = 60;
const IMAGE_WORDS = "positive up, 100 Hz, ±50 µV per channel, chin ±40 µV";

export class Look {
  #parts;
  #traces;
  #marks;
  #measuring;
  #spots;
  #display;
  #item = null;
  #look = loadLook();
  #part = 0;
  #say;

  /** `say(words)` answers a key in words. */
  constructor({ parts, say }) {
    this.#parts = parts;
    this.#say = say;
    this.#traces = new ItemTraces([parts.under, parts.traceCanvas, parts.over]);
    this.#spots = new Spots({ holder: parts.spots, traces: this.#traces });
    this.#attachMeasuring();
    attachMoving(parts.traces, this.#movable);
    this.#display = new DisplayDialog({
      parts, signals: this, openRaw: () => this.#item.openRaw(),
      settings: () => this.#look.settings, onChange: (settings) => this.#apply(settings),
    });
    NARROW.addEventListener("change", () => {
      this.#look = loadLook();
      if (this.#item) this.#draw();
    });
  }

  /** The derivations of the item at hand. */
  get derivations() {
    return this.#item.layout.derivations;
  }

  /** How the item is on screen now, in the words of the server. */
  get shown() {
    const { drawn, usesRaw: isRaw } = this.#traces;
    return shownAs(this.#look, { derivations: this.derivations, drawn, isRaw, part: this.#part });
  }

  show(item) {
    this.#item = item;
    this.#part = 0;
    this.#measuring.leave();
    this.#parts.images.replaceChildren();
    this.#spots.leave(item.layout.derivations);
    this.#showAbsent();
    this.#draw();
  }

  /** Whether the epoch can be seen, in the view that is chosen: while it loads there is nothing to judge. */
  get isHere() {
    if (!this.#isImage) return this.#item.signals.loaded(this.#item.layout.target);
    const image = this.#parts.images.querySelector(".target img");
    return Boolean(image?.complete && image.naturalWidth > 0);
  }

  /** Fetch what showing an item will need. */
  warm(item) {
    if (this.#isImage) item.images();
    else item.signals.want(item.layout.target);
  }

  /** Nothing is rated any more: let the signal go. */
  leave() {
    this.#traces.hide();
  }

  recolour() {
    this.#traces.recolour();
  }

  /** Light a place that words point at, and bring it on the page. */
  light(place) {
    const { pageS } = this.#look.settings;
    if (place && pageS < EPOCH_S) this.#showPart(Math.min(partCount(pageS) - 1, Math.floor(place.start_s / pageS)));
    this.#spots.light(place);
  }

  /** False where the action is about something else. */
  act(action) {
    const acts = {
      view: () => this.#put({ ...this.#look, view: this.#isImage ? "signal" : "image" }),
      sides: () => this.#apply({ ...this.#look.settings, sides: !this.#look.settings.sides }),
      display: () => this.#display.open(),
      measure: () => (this.#isImage ? this.#say("Measuring needs the signal: press M") : this.#measuring.toggle()),
      "part:before": () => this.#turn(-1),
      "part:after": () => this.#turn(1),
    };
    if (action in acts) {
      acts[action]();
      return true;
    }
    const settings = changed(this.#look.settings, action);
    if (settings) this.#apply(settings);
    return settings !== null;
  }

  /** What wheel, pinch and middle button move: the page inside the epoch of the item, and to no other item. */
  get #movable() {
    return {
      traces: this.#traces, settings: () => this.#look.settings, change: (action) => this.act(action),
      place: () => ({ epoch: 0, part: this.#part, epochCount: 1 }),
      zoom: (pageS, part) => this.#apply({ ...this.#look.settings, pageS }, part),
      go: (_, part) => this.#showPart(part),
      turn: () => null,
    };
  }

  get #isImage() {
    return this.#look.view === "image";
  }

  #attachMeasuring() {
    const traces = this.#traces;
    this.#marks = new MarksView({ canvas: this.#parts.marks, traces });
    this.#measuring = new Measuring({
      parts: this.#parts, traces, kinds: [],
      valuesOf: (selection) => valuesOf(selection, traces),
    });
    const draw = () =>
      this.#marks.draw({
        evidenceAt: () => [],
        lit: null, faint: [], other: null, selection: this.#measuring.selection,
      });
    this.#measuring.addEventListener("changed", draw);
    traces.followers.push(() => {
      this.#marks.restyle();
      draw();
    });
  }

  #apply(settings, part = settings.pageS === this.#look.settings.pageS ? this.#part : 0) {
    if (settings.pageS > LONGEST_PAGE_S) return;
    this.#part = part;
    this.#put({ ...this.#look, settings });
  }

  #put(look) {
    this.#look = look;
    keepLook(look);
    this.#draw();
  }

  #turn(step) {
    const part = partAfter(this.#look.settings.pageS, this.#part, step);
    if (part !== null) this.#showPart(part);
  }

  #showPart(part) {
    this.#part = part;
    this.#traces.turn(part);
    this.#showSettings();
  }

  #draw() {
    const { images, traces } = this.#parts;
    const { settings } = this.#look;
    images.hidden = !this.#isImage;
    images.toggleAttribute("data-neighbours", settings.sides);
    traces.hidden = this.#isImage;
    if (this.#isImage) this.#showImages();
    else this.#traces.show(this.#item, settings, this.#part);
    this.#showSettings();
  }

  #showImages() {
    this.#measuring.leave();
    this.#traces.hide();
    if (this.#parts.images.childElementCount) return;
    this.#parts.images.replaceChildren(...this.#item.images().map((image) => image ?? edge()));
    this.#spots.attach(this.#parts.images.querySelector(".target .epoch-image__pixels"));
  }

  #showAbsent() {
    const absent = DERIVATIONS.filter((name) => !this.derivations.includes(name));
    this.#parts.absent.hidden = !absent.length;
    setText(this.#parts.absent, `not in the file: ${absent.join(", ")}`);
  }

  #showSettings() {
    const { view, viewWords, page, gain, polarity, sides, turns, traces, lookBar } = this.#parts;
    const { settings } = this.#look;
    const { pageS, gainUvPerMm, negativeUp, colours } = settings;
    lookBar.toggleAttribute("data-image", this.#isImage);
    view.setAttribute("aria-pressed", String(this.#isImage));
    sides.setAttribute("aria-pressed", String(settings.sides));
    setText(viewWords, this.#isImage ? IMAGE_WORDS : "");
    setText(page, pageName(pageS));
    setText(gain, `${gainUvPerMm} µV/mm`);
    setText(polarity, negativeUp ? "negative up" : "positive up");
    showFilters(this.#parts, settings, this.#item.signals);
    turns.hidden = pageS >= EPOCH_S;
    setText(this.#parts.partWords, partWords(pageS, this.#part));
    traces.toggleAttribute("data-black", colours === "published");
  }
}
