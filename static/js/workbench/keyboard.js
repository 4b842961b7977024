// From key events to commands: dead in text boxes and under dialogs, alive without a click.
// After the chord key two more keys name a rule.

import { plainKey } from "./keynames.js";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]);

export class Keyboard {
  #onCommand;
  #onChord;
  #onRule;
  #chord = null;

  /** `onCommand(action, press)` with press {other, from}; `onChord(keys)`, null when it ends; `onRule(keys)`. */
  constructor({ keys, onCommand, onChord, onRule }) {
    this.keys = keys;
    this.#onCommand = onCommand;
    this.#onChord = onChord;
    this.#onRule = onRule;
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  beginChord() {
    this.#setChord("");
  }

  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (isIn(event, "input, textarea, select, [contenteditable]")) return;
    if (this.#chord !== null) return this.#onChordKey(event);
    // A focused button or link keeps its own Enter and Space.
    const presses = ["Enter", " "].includes(event.key) && !event.ctrlKey && !event.metaKey;
    if (presses && isIn(event, "button, a, summary")) return;
    const found = this.keys.actionFor(event);
    if (!found) return;
    event.preventDefault();
    if (!event.repeat || this.keys.mayRepeat(found.action)) this.#onCommand(found.action, { other: found.other, from: rowOf(event) });
  }

  #onChordKey(event) {
    if (MODIFIERS.has(event.key)) return;
    event.preventDefault();
    const key = plainKey(event);
    const keys = key && this.#chord + key;
    if (keys.length === 1) return this.#setChord(keys);
    this.#setChord(null);
    if (keys) this.#onRule(keys);
  }

  #setChord(keys) {
    this.#chord = keys;
    this.#onChord(keys);
  }
}

/** Whether a key went to such an element. One of a dialog just closed keeps the focus until the next frame, and counts no more. */
function isIn({ target }, selector) {
  return target.closest(selector)?.checkVisibility() ?? false;
}

/** Which digits were pressed: those of the number pad, of the top row, or none. */
function rowOf({ code = "" }) {
  if (/^Numpad\d$/.test(code)) return "pad";
  return /^Digit\d$/.test(code) ? "row" : "";
}
