// How the signal is looked at: display settings, channels and filters, and measuring.

import { changed, DisplayDialog, displayWords, keepSettings } from "../signals/display.js";
import { MarksView, Measuring } from "../signals/measuring.js";
import { valuesOf } from "../signals/samples.js";
import { EPOCH_S, pageWords, partAfter } from "../signals/scale.js";
import { setText } from "../site/dom.js";

/** The display settings in force on the traces, and on the page. */
export class View {
  #parts;
  #traces;
  #measuring = null;
  #display = null;
  #epoch = 0;
  #part = 0;

  /** `traces` and `signals` are null where the recording has no signals; `openRaw()` resolves with the raw view. */
  constructor({ parts, settings, traces, signals, openRaw }) {
    this.settings = settings;
    [this.#parts, this.#traces] = [parts, traces];
    if (traces) {
      this.#attachMeasuring();
      this.#display = new DisplayDialog({
        parts, signals, openRaw, settings: () => this.settings, onChange: (next) => this.#apply(next),
      });
    }
    this.#show();
  }

  /** Whether the signal of the epoch can be seen; a recording without signals is settled without. */
  get isHere() {
    return this.#traces?.isHere ?? true;
  }

  /** False where a command is about something else. */
  act(action) {
    if (action === "measure") this.#measuring?.toggle();
    else if (action === "display") this.#display?.open();
    else return this.#change(action);
    return true;
  }

  /** Another epoch is on the page; of a page shorter than it the first part. */
  show(epoch) {
    this.#measuring?.leave();
    [this.#epoch, this.#part] = [epoch, 0];
    this.#traces?.show(epoch, 0);
    this.#show();
  }

  /** Another part of the epoch, on a page that is shorter than it; false where there is none. */
  turn(step) {
    const part = this.#traces && partAfter(this.settings.pageS, this.#part, step);
    if (part === null) return false;
    this.#part = part;
    this.#traces.show(this.#epoch, part);
    this.#show();
    return true;
  }

  #change(action) {
    const settings = changed(this.settings, action);
    if (settings) this.#apply(settings);
    return settings !== null;
  }

  #attachMeasuring() {
    const traces = this.#traces;
    const marks = new MarksView({ canvas: this.#parts.marks, traces });
    const measuring = new Measuring({
      parts: this.#parts, traces, kinds: [], valuesOf: (selection) => valuesOf(selection, traces),
    });
    const draw = () =>
      marks.draw({ evidenceAt: () => [], lit: null, faint: [], other: null, selection: measuring.selection });
    measuring.addEventListener("changed", draw);
    traces.followers.push(() => {
      marks.restyle();
      draw();
    });
    this.#measuring = measuring;
  }

  #apply(settings) {
    this.settings = settings;
    this.#part = 0;
    keepSettings(settings);
    this.#show();
    this.#traces?.apply(settings, 0);
  }

  #show() {
    const { page, gain, polarity, traces, display } = this.#parts;
    const { gainUvPerMm, pageS, negativeUp, model, sides, colours } = this.settings;
    setText(page, pageWords(pageS, this.#part));
    setText(gain, model ? "±50 µV per channel" : `${gainUvPerMm} µV/mm`);
    setText(polarity, model || !negativeUp ? "positive up" : "negative up");
    setText(display, displayWords(this.settings) || "display");
    traces.toggleAttribute("data-model", model);
    traces.toggleAttribute("data-black", model || colours === "published");
    traces.toggleAttribute("data-alone", !sides || pageS !== EPOCH_S);
  }
}
