// Lights off and lights on: the bounds of the time in bed, as the scorer marks them or, where not, as the file does.
// Times here are seconds of the night, counted from its first epoch; the server counts from the start of the recording.

import { EPOCH_S } from "../signals/scale.js";
import { dateAndTime, element, setText } from "../site/dom.js";

const SIDES = ["off", "on"];
// The queue knows saves by epoch; the marks of a scoring are a whole, whatever epoch is shown.
const MARKS_PLACE = 0;

/** "changed" events: other marks hold now; "saved" events: the server has them. */
export class Lights extends EventTarget {
  #own;
  #file;
  #version;
  #queue;
  #epoch0S;

  /** `marks` are those of the scoring, as the server has them. */
  constructor({ marks, epoch0S, queue }) {
    super();
    this.#epoch0S = epoch0S;
    this.#own = { off_s: marks.off_s, on_s: marks.on_s };
    this.#file = marks.file;
    this.#version = marks.version;
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

  /** Whose mark it is: "own", "file", or "" where there is no mark. */
  whose(side) {
    if (this.#own[`${side}_s`] !== null) return "own";
    return this.#file[`${side}_s`] === null ? "" : "file";
  }

  /** The marks with a side put to a second of the night; null: as the file has it. */
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
    this.#queue.put({ epoch: MARKS_PLACE, content: marks, version: this.#version, why, shown: {}, activeMs: 0 });
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

/** Which of the `seconds` that a typed time has is meant: of several, the nearest to the mark that was there. */
export function timeMeant(text, seconds, markS) {
  if (!seconds.length) return { problem: `${text} is not a time of this recording. Enter a time such as 22:41:30.` };
  if (seconds.length === 1) return { second: seconds[0] };
  const distance = (second) => Math.abs(second - markS);
  const [nearest, next] = [...seconds].sort((a, b) => distance(a) - distance(b));
  if (markS !== null && distance(nearest) < distance(next)) return { second: nearest };
  return { problem: `The recording has ${text} on several days. Enter the day before the time, such as 2 ${text}.` };
}

export function sameMarks(a, b) {
  return a.off_s === b.off_s && a.on_s === b.on_s;
}

// Shows lights off and on: what lies outside them is shaded on the strip and on the traces, and the bar says when.

const LABEL_PX = 130;

export class LightsView {
  #parts;
  #lights;
  #clock;
  #traces;
  #nightS;

  constructor({ parts, lights, clock, traces, epochCount }) {
    [this.#parts, this.#lights, this.#clock, this.#traces] = [parts, lights, clock, traces];
    this.#nightS = epochCount * EPOCH_S;
    lights.addEventListener("changed", () => this.#showAll());
    traces?.followers.push(() => this.show());
    this.#showAll();
  }

  /** The page has turned: the marks lie elsewhere on the traces. */
  show() {
    const page = this.#traces?.page;
    for (const side of SIDES) {
      const shade = this.#parts[`${side}Traces`];
      const at = this.#lights.at(side);
      shade.hidden = at === null || !page;
      if (!shade.hidden) this.#place(shade, side, this.#traces.xOf(at), page.width / devicePixelRatio);
    }
  }

  #showAll() {
    for (const side of SIDES) this.#showOnStrip(side);
    setText(this.#parts.lights, this.#words());
    this.show();
  }

  #showOnStrip(side) {
    const shade = this.#parts[`${side}Strip`];
    const at = this.#lights.at(side);
    shade.hidden = at === null;
    if (at === null) return;
    const share = Math.min(1, Math.max(0, at / this.#nightS));
    shade.style.width = `${100 * (side === "off" ? share : 1 - share)}%`;
    shade.title = this.#label(side);
  }

  #place(shade, side, x, width) {
    const shaded = side === "off" ? x : width - x;
    shade.style.width = `${Math.min(width, Math.max(0, shaded))}px`;
    shade.toggleAttribute("data-edge", x >= 0 && x <= width);
    shade.toggleAttribute("data-inwards", shaded < LABEL_PX);
    setText(shade.firstElementChild, this.#label(side));
  }

  #label(side) {
    return `lights ${side} ${this.#clock.markAt(this.#lights.at(side))}`;
  }

  #words() {
    const [off, on] = SIDES.map((side) => this.#lights.at(side)).map(
      (at) => at !== null && this.#clock.markAt(at).slice(0, -":00".length),
    );
    if (off && on) return `lights ${off} to ${on}`;
    if (off) return `lights off ${off}`;
    return on ? `lights on ${on}` : "lights not marked";
  }
}

// The dialog of the lights marks: their times, whose they are, and everything that became of them.

const WHOSE = { own: "marked by the scorer", file: "from the recording", "": "not marked" };
const WHY = {
  edit: "", undo: "undone: ", redo: "redone: ", import: "imported: ", consensus: "consensus: ", copy: "copied: ",
};

export class LightsDialog {
  #parts;
  #editing;
  #lights;
  #clock;
  #fetch;
  #nightS;

  /** `fetch()` resolves with the marks and their history. */
  constructor({ parts, store, editing }, { lights, clock, fetch }) {
    [this.#parts, this.#editing, this.#nightS] = [parts, editing, store.epochCount * EPOCH_S];
    [this.#lights, this.#clock, this.#fetch] = [lights, clock, fetch];
    lights.addEventListener("saved", () => parts.lightsDialog.open && this.#showHistory());
    parts.lightsCancel.addEventListener("click", () => parts.lightsDialog.close());
    parts.lightsForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep();
    });
  }

  open() {
    for (const side of SIDES) {
      const at = this.#lights.at(side);
      this.#parts[`${side}Input`].value = at === null ? "" : this.#clock.markAt(at);
      setText(this.#parts[`${side}Whose`], WHOSE[this.#lights.whose(side)]);
    }
    this.#complain("");
    this.#parts.lightsDialog.showModal();
    this.#showHistory();
  }

  #keep() {
    let marks = this.#lights.own;
    for (const side of SIDES) {
      const text = this.#parts[`${side}Input`].value.trim();
      const at = this.#lights.at(side);
      if (text === (at === null ? "" : this.#clock.markAt(at))) continue;
      const { second = null, problem } = this.#meant(text, at);
      if (problem) return this.#complain(problem);
      marks = { ...marks, [`${side}_s`]: this.#lights.with(side, second)[`${side}_s`] };
    }
    const problem = this.#lights.problem(marks);
    if (problem) return this.#complain(`${problem}.`);
    this.#parts.lightsDialog.close();
    this.#editing.changeLights(marks);
  }

  #meant(text, at) {
    return text === "" ? {} : timeMeant(text, this.#clock.secondsAt(text, this.#nightS), at);
  }

  #complain(text) {
    this.#parts.lightsError.hidden = text === "";
    setText(this.#parts.lightsError, text);
  }

  async #showHistory() {
    const { lightsHistory } = this.#parts;
    try {
      const { revisions } = await this.#fetch();
      lightsHistory.replaceChildren(...revisions.map((revision) => this.#change(revision)));
    } catch (error) {
      if (!("status" in error)) throw error;
      lightsHistory.replaceChildren(
        element("li", { class: "muted" }, `The history could not be loaded: ${error.message}`),
      );
    }
  }

  #change({ at, who, why, from, to }) {
    const changes = SIDES.filter((side) => from[`${side}_s`] !== to[`${side}_s`])
      .map((side) => `${side}: ${this.#timeOf(from[`${side}_s`])} → ${this.#timeOf(to[`${side}_s`])}`);
    return element("li", {},
      `${WHY[why] ?? ""}${changes.join(", ") || "as they were"} `,
      element("span", { class: "muted num" }, `${who}, ${dateAndTime(new Date(at))}`));
  }

  #timeOf(recordingS) {
    return recordingS === null ? "the recording’s" : this.#clock.markAt(this.#lights.nightOf(recordingS));
  }
}
