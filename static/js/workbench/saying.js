// Answers to keys: heard by a screen reader, and seen for some seconds.

import { setText } from "./dom.js";

const SAID_MS = 4_000;

export class Saying {
  #parts;
  #timer = null;

  constructor({ parts }) {
    this.#parts = parts;
  }

  say(text) {
    this.announce(text);
    this.#parts.said.hidden = false;
    setText(this.#parts.said, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#parts.said.hidden = true), SAID_MS);
  }

  /** Heard and not seen: what the page shows anyway. */
  announce(text) {
    setText(this.#parts.live, text);
  }
}
