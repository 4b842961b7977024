// The rating page: one item at a time, scores by key, saved as they are given.

import { onThemeChange } from "../workbench/palette.js";
import { limitPastes } from "../workbench/pastes.js";
import { createApi } from "./api.js";
import { missingOf } from "./content.js";
import { RatingForm } from "./form.js";
import { edge } from "./images.js";
import { listen } from "./keys.js";
import { Queue } from "./queue.js";
import { showTraces } from "./traces.js";

// Of a comment, as the server says.
const MOST_CHARACTERS = 2_000;
const NARROW = matchMedia("(max-width: 720px)");
const WORDS = {
  image: "as the model saw it: positive up, 100 Hz, ±50 µV a band, chin ±40",
  signal: "negative up, 7 µV/mm",
};
const STATES = {
  saving: "saving …", offline: "not saved yet, trying again", "signed-out": "not saved yet: signed out", refused: "not saved",
};

class RatingPage {
  #parts;
  #queue;
  #form;
  #item = null;
  #traces = null;
  #view = "image";
  #shownAt = 0;

  constructor(root, queue) {
    this.#parts = partsOf(root);
    this.#queue = queue;
    this.#form = new RatingForm(this.#parts);
    limitPastes(this.#parts.comment, { most: MOST_CHARACTERS, onTooLong: (words) => this.#notice(words) });
    this.#form.addEventListener("change", (event) => this.#changed(event.detail));
    document.addEventListener("click", (event) => this.#act(event.target.closest("[data-act]")?.dataset.act));
    this.#parts.keepMine.addEventListener("click", () => this.#resolve(true));
    this.#parts.takeTheirs.addEventListener("click", () => this.#resolve(false));
    addEventListener("beforeunload", (event) => this.#queue.unsaved.length && event.preventDefault());
    NARROW.addEventListener("change", () => this.#draw());
    onThemeChange(() => this.#traces?.rebuild());
    listen((name, level) => this.#act(name, level));
  }

  start() {
    this.#parts.loading.hidden = true;
    return this.#queue.firstOpen() === null ? this.#finish() : this.#open();
  }

  #act(name, level) {
    const acts = {
      next: () => this.#next(), forward: () => this.#go(this.#queue.at + 1), back: () => this.#go(this.#queue.at - 1),
      undo: () => this.#form.takeBack() || this.#go(this.#queue.at - 1), score: () => this.#form.score(level),
      cannot: () => this.#form.toggleCannotJudge(), comment: () => this.#parts.comment.focus(),
      view: () => this.#switchView(), neighbours: () => this.#foldNeighbours(),
      help: () => document.getElementById("keys").showModal(), again: () => this.#go(0),
    };
    if (name && (this.#item || name === "again")) acts[name]?.();
  }

  async #open() {
    this.#parts.done.hidden = true;
    const place = this.#queue.at;
    let item;
    try {
      item = await this.#queue.current();
    } catch (error) {
      return this.#notice(`${error.message} Nothing is lost; go on with the arrow keys, or load the page again.`);
    }
    if (place === this.#queue.at) this.#show(item);
  }

  #show(item) {
    this.#item = item;
    this.#shownAt = performance.now();
    const { stage, rationale, rules, images, place } = this.#parts;
    stage.textContent = item.stage;
    stage.dataset.stage = item.stage;
    rationale.textContent = item.rationale;
    rules.replaceChildren(...item.rules.map(ruleOf));
    images.replaceChildren(...item.images.map((image) => image ?? edge()));
    place.textContent = `${this.#queue.at + 1} of ${this.#queue.length}`;
    item.heard ??= this.#listenTo(item);
    this.#form.show(item.saver.content);
    this.#parts.item.hidden = false;
    this.#notice(null);
    this.#progress();
    this.#draw();
    if (item.saver.conflict) this.#saved(item, { state: "conflict" });
    scrollTo(0, 0);
  }

  #listenTo(item) {
    item.saver.addEventListener("state", ({ detail }) => this.#saved(item, detail));
    return true;
  }

  #changed(content) {
    const now = performance.now();
    this.#item.saver.want(content, Math.min(Math.round(now - this.#shownAt), 60_000));
    this.#shownAt = now;
    this.#slot(this.#item).complete = missingOf(content).length === 0;
    this.#progress();
  }

  #slot(item) {
    return this.#queue.slots.find((slot) => slot.code === item.code);
  }

  #saved(item, detail) {
    const { state, saved_at: at } = detail;
    this.#parts.saved.dataset.state = state;
    if (state === "saved") this.#parts.saved.textContent = at ? `saved ${clock(at)}` : "";
    else this.#parts.saved.textContent = STATES[state] ?? state;
    if (!this.#item) this.#sayDone();
    if (item !== this.#item) return;
    const notices = {
      "signed-out": "You are signed out. This rating is kept on this device and is saved once you are in again.",
      conflict: "This rating was changed in another tab since you saw it. Nothing was overwritten.",
      refused: detail.detail,
    };
    this.#notice(notices[state] ?? null, state);
  }

  #resolve(keepMine) {
    this.#item.saver.resolve(keepMine);
    this.#form.show(this.#item.saver.content);
    this.#slot(this.#item).complete = missingOf(this.#form.content).length === 0;
    this.#progress();
  }

  #next() {
    this.#form.flush();
    const missing = missingOf(this.#form.content);
    if (missing.includes("comment") && missing.length === 1) return this.#parts.comment.focus();
    if (missing.length) return this.#parts.missing.animate?.([{ opacity: 0.2 }, { opacity: 1 }], 120);
    if (this.#queue.firstOpen() === null && this.#queue.at === this.#queue.length - 1) return this.#finish();
    this.#go(this.#queue.at + 1 < this.#queue.length ? this.#queue.at + 1 : this.#queue.firstOpen());
  }

  #go(place) {
    if (this.#item) this.#form.flush();
    this.#queue.move(place);
    document.activeElement?.blur();
    this.#open();
  }

  #finish() {
    this.#item = null;
    this.#parts.item.hidden = true;
    this.#parts.done.hidden = false;
    this.#progress();
    this.#sayDone();
  }

  /** Thanks only once the server has everything; a rating that needs a choice comes back up. */
  #sayDone() {
    const { unsaved, conflicted } = this.#queue;
    if (conflicted !== undefined) return this.#go(conflicted);
    this.#parts.doneTitle.textContent = unsaved.length ? `All rated, ${unsaved.length} waiting to be saved` : "All rated. Thank you.";
    this.#parts.doneWords.textContent = unsaved.length
      ? "Keep this page open until they are saved. They are kept on this device meanwhile."
      : "Your ratings are saved. You can still look them over and change them until the study is closed.";
  }

  #progress() {
    this.#parts.progress.textContent = `${this.#queue.done} of ${this.#queue.length}`;
  }

  #switchView() {
    this.#view = this.#view === "image" ? "signal" : "image";
    this.#draw();
  }

  #foldNeighbours() {
    const { neighbours, images } = this.#parts;
    const open = images.toggleAttribute("data-neighbours");
    neighbours.setAttribute("aria-pressed", open);
    this.#draw();
  }

  #draw() {
    const { images, traces, view, viewWords } = this.#parts;
    const signal = this.#view === "signal";
    images.hidden = signal;
    traces.hidden = !signal;
    view.setAttribute("aria-pressed", signal);
    viewWords.textContent = WORDS[this.#view];
    const sides = !NARROW.matches || images.hasAttribute("data-neighbours");
    if (signal) this.#traces = showTraces(traces, this.#item, { sides });
  }

  #notice(text, state = "") {
    const { notice, noticeText, signIn, keepMine, takeTheirs } = this.#parts;
    notice.hidden = !text;
    noticeText.textContent = text ?? "";
    signIn.hidden = state !== "signed-out";
    keepMine.hidden = takeTheirs.hidden = state !== "conflict";
  }
}

function partsOf(root) {
  const parts = {};
  for (const part of document.querySelectorAll("[data-part]")) parts[part.dataset.part] = part;
  return { ...parts, root };
}

function ruleOf({ id, title, text }) {
  const [details, summary, words, name] = ["details", "summary", "p", "b"].map((tag) => document.createElement(tag));
  name.textContent = id;
  summary.append(name, ` ${title}`);
  words.textContent = text;
  details.append(summary, words);
  return details;
}

function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

const root = document.querySelector("[data-rating]");
const api = createApi({ root: root.dataset.apiRoot, ratingStudy: root.dataset.ratingStudy });
api.queue().then(
  ({ slots }) => new RatingPage(root, new Queue(api, slots)).start(),
  (error) => (root.querySelector("[data-part=loading]").textContent = `${error.message} Load the page again.`),
);
