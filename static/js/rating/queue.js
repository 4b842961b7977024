// The queue: where we are, and items fetched a little ahead so that the next one is there at once.

import { framed } from "./images.js";
import { Saver } from "./saver.js";

const AHEAD = 2;
const WHICH = ["previous", "target", "next"];
const ALT = { previous: "The epoch before", target: "The epoch to judge", next: "The epoch after" };

export class Queue {
  #api;
  #items = new Map();
  #loaded = new Map();

  constructor(api, slots) {
    this.#api = api;
    this.slots = slots;
    this.at = this.firstOpen() ?? 0;
  }

  get length() {
    return this.slots.length;
  }

  get done() {
    return this.slots.filter((slot) => slot.complete).length;
  }

  /** Places whose rating the server has not confirmed yet. */
  get unsaved() {
    return [...this.#loaded.keys()].filter((place) => !this.#loaded.get(place).saver.settled);
  }

  /** A place whose rating was changed elsewhere and waits for a choice; undefined where none does. */
  get conflicted() {
    return this.unsaved.find((place) => this.#loaded.get(place).saver.conflict);
  }

  /** The first place without a complete rating, after `from` and then from the start; null when all are done. */
  firstOpen(from = 0) {
    const order = [...this.slots.keys()].map((place) => (place + from) % this.slots.length);
    return order.find((place) => !this.slots[place].complete) ?? null;
  }

  move(place) {
    this.at = Math.max(0, Math.min(this.length - 1, place));
  }

  /** The item at the present place, with its pictures and the saver of its rating. */
  async current() {
    const item = await this.#load(this.at);
    for (let step = 1; step <= AHEAD; step++) {
      if (this.at + step < this.length) this.#load(this.at + step).catch(() => null);
    }
    return item;
  }

  #load(place) {
    const { code } = this.slots[place];
    if (!this.#items.has(code)) {
      const coming = this.#fetch(code);
      coming.then((item) => this.#loaded.set(place, item), () => null);
      this.#items.set(code, coming);
      coming.catch(() => this.#items.delete(code)); // asked for again the next time
    }
    return this.#items.get(code);
  }

  async #fetch(code) {
    const item = await this.#api.item(code);
    const images = WHICH.map((which, index) => this.#image(item, which, index));
    const saver = new Saver({ code, rating: item.rating, send: this.#api.save });
    return { ...item, images, saver, fetchSignals: () => this.#api.signals(code) };
  }

  #image({ code, signals }, which, index) {
    const epoch = signals.target + index - 1;
    if (epoch < 0 || epoch >= signals.epoch_count) return null;
    const image = new Image(448, 224);
    image.alt = ALT[which];
    image.src = this.#api.imageUrl(code, which);
    return framed(image, which, signals.derivations);
  }
}
