// The signals of item after item on the same canvases, and the places on them that words point at.

import { boxOf } from "../signals/measuring.js";
import { EPOCH_S } from "../signals/scale.js";
import { TraceView } from "../signals/traces.js";
import { element } from "../site/dom.js";

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

  get drawn() {
    return this.#view?.drawn ?? [];
  }

  get usesRaw() {
    return this.#view?.usesRaw ?? false;
  }

  samplesOf(name) {
    return this.#view?.samplesOf(name) ?? null;
  }
}

// Lights a place that words point at: over the traces, and over the image as the model saw it.

export class Spots {
  #holder;
  #traces;
  #place = null;
  #pixels = null;
  #derivations = [];

  /** `holder` lies over the traces, in their size. */
  constructor({ holder, traces }) {
    this.#holder = holder;
    this.#traces = traces;
    traces.followers.push(() => this.#overTraces());
  }

  /** Another item: nothing is lit, and its image is not here yet. */
  leave(derivations) {
    this.light(null);
    this.#pixels = null;
    this.#derivations = derivations;
  }

  /** `pixels` holds the image of the item, whose derivations are its bands from the top. */
  attach(pixels) {
    this.#pixels = pixels;
    this.#overImage();
  }

  /** `place` as piecesOf() gives it; null puts the light out. */
  light(place) {
    this.#place = place;
    this.#overTraces();
    this.#overImage();
  }

  get #names() {
    return this.#place?.derivations ?? [null];
  }

  #overTraces() {
    const { page, bands } = this.#traces;
    const boxes = this.#place && page ? this.#names.map((name) => this.#boxOn(page, bands, name)) : [];
    this.#holder.replaceChildren(...boxes.filter(Boolean).map(({ x, y, width, height }) =>
      spot([x, y, width, height].map((px) => `${px / devicePixelRatio}px`))));
  }

  /** On the traces, in device pixels; a place without a derivation is lit on all of them. */
  #boxOn(page, bands, derivation) {
    const { start_s: start, end_s: end } = this.#place;
    if (derivation) return boxOf(page, bands, { ...this.#place, derivation });
    return { x: page.epochX + start * page.pxPerS, y: 0, width: (end - start) * page.pxPerS, height: page.height };
  }

  #overImage() {
    for (const old of this.#pixels?.querySelectorAll(".spot") ?? []) old.remove();
    if (!this.#place) return;
    const { start_s: start, end_s: end } = this.#place;
    for (const name of this.#names) {
      const [band, share] = name ? [this.#derivations.indexOf(name), 100 / this.#derivations.length] : [0, 100];
      if (band < 0) continue;
      this.#pixels?.append(
        spot(
          [(start / EPOCH_S) * 100, band * share, ((end - start) / EPOCH_S) * 100, share].map(
            (percent) => `${percent}%`,
          ),
        ),
      );
    }
  }
}

function spot([left, top, width, height]) {
  const node = element("i", { class: "spot" });
  Object.assign(node.style, { left, top, width, height });
  return node;
}
