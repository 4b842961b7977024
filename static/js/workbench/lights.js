// Lights off and lights on: the bounds of the time in bed, as the scorer marks them or, where not, as the file does.
// Times here are seconds of the night, counted from its first epoch; the server counts from the start of the recording.

import { EPOCH_S } from "./scale.js";

export const SIDES = ["off", "on"];
// The queue knows saves by epoch; the marks of a scoring are one thing, whatever epoch is shown.
const ONE_PLACE = 0;

/** "changed" events: other marks hold now; "saved" events: the server has them. */
export class Lights extends EventTarget {
  #own;
  #file;
  #version;
  #queue;
  #epoch0S;

  /** `told` is what the server says of the scoring's marks. */
  constructor({ told, epoch0S, queue }) {
    super();
    this.#epoch0S = epoch0S;
    this.#own = { off_s: told.off_s, on_s: told.on_s };
    this.#file = told.file;
    this.#version = told.version;
    this.#queue = queue;
    queue.addEventListener("saved", ({ detail }) => {
      this.#version = detail.answer.version;
      this.dispatchEvent(new CustomEvent("saved"));
    });
  }

  /** The scorer's own marks, as the server keeps them. */
  get own() {
    return this.#own;
  }

  /** Where a side lies in the night, in seconds; null without a mark. */
  at(side) {
    const s = this.#own[`${side}_s`] ?? this.#file[`${side}_s`];
    return s === null ? null : this.nightOf(s);
  }

  /** Seconds of the night from seconds of the recording. */
  nightOf(recordingS) {
    return recordingS - this.#epoch0S;
  }

  /** Whose mark it is: "own", "file", or "" without one. */
  whose(side) {
    if (this.#own[`${side}_s`] !== null) return "own";
    return this.#file[`${side}_s`] === null ? "" : "file";
  }

  /** The marks with one side put to a second of the night; null: as the file has it. */
  with(side, second) {
    return { ...this.#own, [`${side}_s`]: second === null ? null : Math.round((second + this.#epoch0S) * 1000) / 1000 };
  }

  /** Off at the start of an epoch, on at its end; the same place again takes the own mark away. */
  toggled(side, epoch) {
    const second = (side === "off" ? epoch : epoch + 1) * EPOCH_S;
    const isHere = this.whose(side) === "own" && Math.abs(this.at(side) - second) < 0.01;
    return this.with(side, isHere ? null : second);
  }

  /** Why marks make no night, or null. */
  problem({ off_s: ownOff, on_s: ownOn }) {
    const [off, on] = [ownOff ?? this.#file.off_s, ownOn ?? this.#file.on_s];
    return off !== null && on !== null && on <= off ? "Lights on must come after lights off" : null;
  }

  put(marks, why) {
    this.#show(marks);
    this.#queue.put({ epoch: ONE_PLACE, content: marks, version: this.#version, why, shown: {}, activeMs: 0 });
  }

  /** Saves that an earlier visit left in the browser. */
  adopt(items) {
    if (items.length) this.#show(items.at(-1).content);
  }

  #show(marks) {
    this.#own = marks;
    this.dispatchEvent(new CustomEvent("changed"));
  }
}

export function sameMarks(a, b) {
  return a.off_s === b.off_s && a.on_s === b.on_s;
}
