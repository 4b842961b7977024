// The signals of one item after another on the same canvases, drawn by the workbench's own view.

import { TraceView } from "../workbench/traces.js";

/** Stands for the view of the item at hand, for what marks and measures on it. */
export class ItemTraces {
  /** Called when time has come to lie elsewhere on the page. */
  followers = [];
  #layers;
  #item = null;
  #view = null;

  /** `layers` are the canvases under, middle and over. */
  constructor(layers) {
    this.#layers = layers;
  }

  show(item, settings, part) {
    if (item === this.#item) return this.#view.apply(settings, part);
    this.hide();
    const { layout, signals, openRaw } = item;
    this.#item = item;
    this.#view = new TraceView({ layers: this.#layers, signals, settings, openRaw, epochCount: layout.epoch_count });
    this.#view.followers.push(() => this.followers.forEach((follow) => follow()));
    this.#view.rebuild();
    this.#view.show(layout.target, part);
  }

  hide() {
    this.#view?.close();
    this.#view = this.#item = null;
  }

  /** Another part of the epoch, on a page that is shorter than it. */
  turn(part) {
    this.#view?.show(this.#item.layout.target, part);
  }

  recolour() {
    this.#view?.rebuild();
  }

  get isNight() {
    return false;
  }

  get page() {
    return this.#view?.page ?? null;
  }

  get bands() {
    return this.#view?.bands ?? [];
  }

  samplesOf(name) {
    return this.#view?.samplesOf(name) ?? null;
  }
}
