// Events of imported files that are no stages, such as arousals: faint bars at the foot of the traces.

import { element, setText } from "../site/dom.js";

const MOST_LANES = 4;

/** "obstructive apnea", or the kind where the file gives no known name; with the channel where it gives one. */
export function wordsOf({ name, kind, channel }) {
  return [name || kind, channel].filter(Boolean).join(" ");
}

/** The events that touch a stretch of the night, each with the lane in which it overlaps no other. */
export function placed(events, fromS, toS) {
  const ends = [];
  return events
    .filter(({ start_s: start, end_s: end }) => start < toS && end >= fromS)
    .map((event) => {
      const free = ends.findIndex((end) => end <= event.start_s);
      const lane = free >= 0 ? free : ends.length;
      ends[lane] = event.end_s;
      return { event, lane: Math.min(lane, MOST_LANES - 1) };
    });
}

/** A follower of the page; `epoch0S` is the start of the first epoch in the recording. */
export class FileEvents {
  #bench;
  #traces;
  #epoch0S;
  #fetch;
  #events = [];

  constructor(bench, { traces, epoch0S, fetch }) {
    [this.#bench, this.#traces, this.#epoch0S, this.#fetch] = [bench, traces, epoch0S, fetch];
    traces?.followers.push(() => this.show());
  }

  /** Again after an answer was locked: its suggestion, and the events of that, are shown from then on. */
  async load() {
    const { events } = await this.#fetch();
    this.#events = events.map((event) => {
      const start = event.onset_s - this.#epoch0S;
      return { ...event, start_s: start, end_s: start + event.duration_s };
    });
    this.show();
  }

  get isOn() {
    return this.#bench.view.settings.fileEvents;
  }

  toggle() {
    this.#bench.view.remember({ ...this.#bench.view.settings, fileEvents: !this.isOn });
    this.show();
    this.#bench.answers.say(this.isOn ? "Events of imported files are shown" : "Events of imported files are hidden");
  }

  show() {
    const { fileEvents, fileEventsButton } = this.#bench.parts;
    fileEventsButton.setAttribute("aria-pressed", String(this.isOn));
    const page = this.#traces?.page;
    const isShown = this.isOn && Boolean(page) && !this.#traces.isNight;
    const bars = isShown ? this.#bars(page) : [];
    fileEvents.replaceChildren(...bars);
    setText(fileEventsButton, bars.length ? `${bars.length} event${bars.length === 1 ? "" : "s"}` : "events");
  }

  #bars(page) {
    const unit = devicePixelRatio;
    const zero = this.#traces.xOf(0);
    const pxPerS = page.pxPerS / unit;
    const width = page.width / unit;
    return placed(this.#events, -zero / pxPerS, (width - zero) / pxPerS).map(({ event, lane }) =>
      bar(event, lane, { left: Math.max(0, this.#traces.xOf(event.start_s)),
        right: Math.min(width, this.#traces.xOf(event.end_s)) }));
  }
}

function bar(event, lane, { left, right }) {
  const words = wordsOf(event);
  const node = element("li", { class: "file-events__bar", "data-kind": event.kind }, words);
  node.style.left = `${left}px`;
  node.style.width = `${Math.max(2, right - left)}px`;
  node.style.bottom = `calc(22px + ${lane} * 16px)`;
  return node;
}

/** They are fetched when the page is there, and after each lock. */
export function createFileEvents(bench, { traces, recording, queue, fetch }) {
  const events = new FileEvents(bench, { traces, epoch0S: recording.epoch0_s, fetch });
  const load = () => events.load().catch(() => bench.answers.say("Events of imported files could not be loaded"));
  queue.addEventListener("locked", load);
  load();
  return events;
}
