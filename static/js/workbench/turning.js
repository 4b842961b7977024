// Going through the night by epochs, or by the parts of one where the page is shorter than it.

import { partCount } from "./scale.js";

export class Turning {
  /** The part of the epoch on the page. */
  part = 0;
  #bench;

  constructor({ bench }) {
    this.#bench = bench;
  }

  go(epoch, part = 0) {
    const { session, store, traces, place } = this.#bench;
    session.flush();
    store.current = store.clamp(epoch);
    this.part = part;
    traces?.show(store.current, part);
    this.#bench.showEpoch();
    place.keep(store.current);
  }

  by(step) {
    const { settings, store } = this.#bench;
    const parts = partCount(settings.pageS);
    const part = this.part + step;
    if (part >= 0 && part < parts) return this.go(store.current, part);
    const epoch = store.current + step;
    if (epoch !== store.clamp(epoch)) return;
    this.go(epoch, step > 0 ? 0 : parts - 1);
  }

  /** To an epoch that was looked for; `otherwise` is said where none was found. */
  goIf(epoch, otherwise) {
    if (epoch === null) this.#bench.say(otherwise);
    else this.go(epoch);
  }
}
