// How the signal is looked at: display settings, channels and filters, and measuring.

import { changed, DisplayDialog, keepSettings, showSettings } from "../signals/display.js";
import { MarksView, Measuring } from "../signals/measuring.js";
import { valuesOf } from "../signals/samples.js";
import { partAfter, partCount } from "../signals/scale.js";

/** The display settings in force on the traces, and on the page. */
export class View {
  #parts;
  #traces;
  #measuring = null;
  #display = null;
  #hasRaw;
  #epoch = 0;
  #part = 0;

  /** `traces` and `signals` are null where the recording has no signals; `openRaw()` resolves with the raw view. */
  constructor({ parts, settings, traces, signals, openRaw }) {
    this.settings = settings;
    [this.#parts, this.#traces, this.#hasRaw] = [parts, traces, Boolean(signals?.hasRaw)];
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

  /** Which part of the epoch is on a page that is shorter than it. */
  get part() {
    return this.#part;
  }

  /** The last part of an epoch. */
  get lastPart() {
    return partCount(this.settings.pageS) - 1;
  }

  /** Another epoch is on the page; of a page shorter than it this part. */
  show(epoch, part = 0) {
    this.#measuring?.leave();
    this.#epoch = epoch;
    this.showPart(part);
  }

  /** Another part of the epoch, on a page that is shorter than it. */
  showPart(part) {
    this.#part = part;
    this.#traces?.show(this.#epoch, part);
    this.#show();
  }

  /** The next part of the epoch in this direction; false where there is none. */
  turn(step) {
    const part = this.#traces && partAfter(this.settings.pageS, this.#part, step);
    if (part === null) return false;
    this.showPart(part);
    return true;
  }

  /** Another length of the page, at this part of the epoch. */
  zoom(pageS, part) {
    this.#apply({ ...this.settings, pageS }, part);
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

  #apply(settings, part = settings.pageS === this.settings.pageS ? this.#part : 0) {
    this.settings = settings;
    this.#part = part;
    keepSettings(settings);
    this.#show();
    this.#traces?.apply(settings, part);
  }

  #show() {
    showSettings(this.#parts, this.settings, { hasRaw: this.#hasRaw, part: this.#part });
  }
}
