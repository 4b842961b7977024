// The rater's queue: ratings as they stand, where we are, and items fetched a little ahead.

import { rawOpener, SignalStore } from "../signals/records.js";
import { element } from "../site/dom.js";
import { contentOf, emptyRating, missingOf } from "./form.js";

// The images of an item. A model sees no names, so they stand beside the image to judge, not in it.

/** The image in its frame; the target has the derivations at the left of their bands, which are equally high. */
function framed(image, which, derivations) {
  const names = which === "target" ? [namesOf(derivations)] : [];
  const pixels = element("div", { class: "epoch-image__pixels" }, image);
  return element("figure", { class: `epoch-image ${which}` }, ...names, pixels);
}

function namesOf(derivations) {
  const names = derivations.map((derivation) => element("li", {}, derivation));
  return element("ul", { class: "epoch-image__names", "aria-label": "Derivations, from the top" }, ...names);
}

/** What stands in place of a neighbour outside the recording. */
export function edge() {
  return element("p", { class: "rate__edge muted" }, "the recording ends here");
}

// What this rater gave, by the code of the item: as it stands on this page, and the version the server has of it.

export class RatingStore {
  #contents = new Map();
  #versions = new Map();
  #own = new Set();

  content(code) {
    return this.#contents.get(code) ?? emptyRating();
  }

  version(code) {
    return this.#versions.get(code) ?? 0;
  }

  isComplete(code) {
    return this.#contents.has(code) ? missingOf(this.content(code)).length === 0 : null;
  }

  /** Given on this page, or left here by an earlier visit: what the server sends later is older. */
  set(code, content) {
    this.#own.add(code);
    this.#contents.set(code, content);
  }

  setVersion(code, version) {
    this.#versions.set(code, version);
  }

  /** The server's rating of an item that was fetched. */
  receive(code, rating) {
    if (this.#own.has(code)) return;
    this.#contents.set(code, contentOf(rating));
    this.setVersion(code, rating.version);
  }
}

// The queue: where we are, and items fetched a little ahead so that the next is there at once.

const AHEAD = 3;
const WHICH = ["previous", "target", "next"];
const ALT = { previous: "Previous epoch", target: "Epoch to rate", next: "Next epoch" };

export class Queue {
  #api;
  #store;
  #warm;
  #items = new Map();
  #here = new Map();

  /** `warm(item)` fetches what showing an item will need. */
  constructor({ api, slots, store, warm }) {
    this.#api = api;
    this.#store = store;
    this.#warm = warm;
    this.slots = slots;
    this.at = this.firstOpen() ?? 0;
  }

  get length() {
    return this.slots.length;
  }

  get done() {
    return this.slots.filter((slot) => this.isDone(slot)).length;
  }

  /** Rated in full, on this page or else on the server; in the calibration round, with the reference scores seen. */
  isDone({ code, complete, calibration }) {
    if (calibration) return complete || Boolean(this.#here.get(code)?.feedback);
    return this.#store.isComplete(code) ?? complete;
  }

  /** The first place without a complete rating, after `from` and then from the start; null when all are done. */
  firstOpen(from = 0) {
    const order = [...this.slots.keys()].map((place) => (place + from) % this.slots.length);
    return order.find((place) => !this.isDone(this.slots[place])) ?? null;
  }

  /** More was opened: go on where it begins. */
  grow(slots) {
    this.slots = slots;
    this.at = this.firstOpen() ?? 0;
  }

  placeOf(code) {
    return this.slots.findIndex((slot) => slot.code === code);
  }

  move(place) {
    this.at = Math.max(0, Math.min(this.length - 1, place));
  }

  /** The item where it is here already, else undefined. */
  loaded(code) {
    return this.#here.get(code);
  }

  /** The server has sent more of an item that is here. */
  update(code, facts) {
    const item = { ...this.#here.get(code), ...facts };
    this.#here.set(code, item);
    this.#items.set(code, Promise.resolve(item));
    return item;
  }

  /** The item at the present place; its signals and its images come when they are needed. */
  async current() {
    const item = await this.#load(this.at);
    for (let step = 1; step <= AHEAD; step++) {
      if (this.at + step < this.length) this.#load(this.at + step).then(this.#warm, () => null);
    }
    return item;
  }

  #load(place) {
    const { code } = this.slots[place];
    if (!this.#items.has(code)) {
      const coming = this.#fetch(code);
      this.#items.set(code, coming);
      coming.then(
        (item) => this.#here.set(code, item),
        () => this.#items.delete(code),
      ); // the next time it is fetched again
    }
    return this.#items.get(code);
  }

  async #fetch(code) {
    const { signals: layout, rating, ...item } = await this.#api.item(code);
    this.#store.receive(code, rating);
    return {
      ...item,
      layout,
      images: once(() => WHICH.map((which, index) => this.#image(code, layout, which, index))),
      signals: new SignalStore({ layout, fetchEpochs: () => this.#api.signals(code) }),
      openRaw: rawOpener({
        layout: async () => (await this.#api.rawLayout(code)).layout,
        epochs: () => this.#api.rawSignals(code),
      }),
    };
  }

  #image(code, layout, which, index) {
    const epoch = layout.target + index - 1;
    if (epoch < 0 || epoch >= layout.epoch_count) return null;
    const image = new Image(448, 224);
    image.alt = ALT[which];
    image.src = this.#api.imageUrl(code, which);
    return framed(image, which, layout.derivations);
  }
}

function once(make) {
  let made = null;
  return () => (made ??= make());
}
