// The traces of the page: three canvases above each other; a page turn touches only that in the middle.

import { colourOf, inkOf } from "../site/dom.js";
import { asDrawn, bands, needsRaw } from "./channels.js";
import { drawOver, drawUnder, EpochColumns } from "./drawing.js";
import { drawNight, followPointer, placeMark } from "./night.js";
import { measuredSamples, TracePixels } from "./samples.js";
import { EPOCH_S, isNight, layOut, layOutNight, pxPerUv, visibleOffsets } from "./scale.js";

const DIMMED = 0.36;
const AHEAD = [1, 2, -1, 3, -2, 4, 5, 6, -3];

/** Setting a canvas's size wipes it, so only when it differs. */
function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

export class TraceView {
  /** Called when time has come to lie elsewhere on the page. */
  followers = [];
  /** Called when signals have arrived. */
  arrivals = [];
  #layers;
  #signals;
  #openRaw;
  #raw = null;
  #epochCount;
  #columns;
  #pixels = new TracePixels();
  #inks = [];
  #page = null;
  #at = { epoch: 0, part: 0 };
  #settings;
  #framed = false;
  #painted = null;
  #night;
  #measured = null;
  #sizes;
  #closed = false;
  #hasNight = false;

  /**
   * `layers` are the canvases under, middle and over, of the same size; `openRaw()` resolves with the raw view, once.
   * `night` is what the page of the whole night needs: {envelope, clock, mark, strip, onGo}, or null.
   */
  constructor({ layers, signals, epochCount, settings, openRaw = async () => null, night = null }) {
    // The traces are pixels that are put on their canvas: it stays in plain memory.
    this.#layers = layers.map((canvas, index) => ({
      canvas, context: canvas.getContext("2d", { alpha: index > 0, willReadFrequently: index === 1 }),
    }));
    this.#signals = signals;
    this.#openRaw = openRaw;
    this.#epochCount = epochCount;
    this.#settings = settings;
    this.#columns = new EpochColumns(signals);
    signals.addEventListener("epoch", () => this.#arrived());
    this.#columns.addEventListener(
      "drawn",
      ({ detail }) => !this.isNight && this.#isVisible(detail.epoch) && this.#requestFrame(),
    );
    this.#night = night;
    if (night) this.#followNight(night);
    this.#sizes = new ResizeObserver(() => this.rebuild());
    this.#sizes.observe(layers[0]);
  }

  /** Let the canvases go: another view draws on them, or none. */
  close() {
    this.#closed = true;
    this.#sizes.disconnect();
    this.#columns.close();
    this.#page = null;
  }

  #followNight({ envelope, mark, onGo }) {
    envelope.addEventListener("ready", () => {
      this.#painted = null;
      this.#requestFrame();
    });
    followPointer(mark.parentElement, { isOn: () => this.isNight && this.#page, pageOf: () => this.#page, onGo });
  }

  /** Show an epoch, or the given part of it on a page shorter than an epoch. */
  show(epoch, part) {
    const moved = part !== this.#at.part;
    this.#at = { epoch, part };
    if (!this.isNight) this.#signals.want(epoch);
    if (!this.#page) return; // the first layout shows it
    if (this.isNight) return this.#placeMark();
    if (this.usesRaw) this.#raw.want(epoch);
    if (moved || this.#settings.pageS > EPOCH_S) this.#layOut();
    else if (this.#night) drawOver(this.#layers[2].context, this.#scene); // the time of the epoch
    this.#requestFrame();
  }

  apply(settings, part) {
    this.#settings = settings;
    this.#at.part = part;
    if (!this.isNight) this.#signals.want(this.#at.epoch);
    this.rebuild();
  }

  /** Whether the page holds the whole night. */
  get isNight() {
    return this.#night !== null && isNight(this.#settings.pageS);
  }

  /** Whether the signal of the epoch under scoring is here to be drawn; of the whole night, whether it is drawn. */
  get isHere() {
    const { epoch } = this.#at;
    if (this.isNight) return this.#hasNight;
    return this.#signals.loaded(epoch) && (!this.usesRaw || this.#raw.loaded(epoch));
  }

  /** Where a second of the night, counted from its first epoch, lies on the page, in CSS pixels. */
  xOf(second) {
    const from = this.isNight ? 0 : this.#at.epoch * EPOCH_S;
    return (this.#page.epochX + (second - from) * this.#page.pxPerS) / devicePixelRatio;
  }

  /** Size, settings or colours changed: lay the page out and draw all traces anew. */
  rebuild() {
    const unit = devicePixelRatio;
    const { clientWidth, clientHeight } = this.#layers[0].canvas;
    if (!clientWidth || !clientHeight || this.#closed) return;
    for (const { canvas } of this.#layers)
      resize(canvas, Math.round(clientWidth * unit), Math.round(clientHeight * unit));
    const heightPx = this.#layers[0].canvas.height;
    this.#needRaw();
    this.#layers[1].canvas.dataset.view = this.usesRaw ? "raw" : "filtered";
    this.bands = bands({
      signals: this.#signals, raw: this.#raw, settings: this.#look, heightPx,
      pxPerUv: pxPerUv(this.#settings.gainUvPerMm) * unit, colourOf,
    });
    this.#measured = null;
    this.#layOut();
    if (this.isNight || this.#painted === "night") this.#painted = null;
    if (this.isNight) return this.#requestFrame();
    this.#inks = this.bands.map(({ colour }) => inkOf(this.#layers[1].context, colour));
    this.#columns.reset(
      { width: this.#page.epochPx, line: unit, bands: this.bands }, this.usesRaw ? this.#raw : null,
    );
    this.#draw();
  }

  /** The names of the bands on the page. */
  get drawn() {
    return this.bands?.map(({ name }) => name) ?? [];
  }

  /** What is drawn of a band in the epoch under scoring, for measuring it; null while it is not here. */
  samplesOf(name) {
    const band = this.bands.find((each) => each.name === name);
    const key = `${this.#at.epoch} ${name}`;
    if (this.#measured?.key !== key) {
      const samples = band && measuredSamples(band, this.#at.epoch, { signals: this.#signals, raw: this.#raw });
      this.#measured = samples ? { key, samples } : null;
    }
    return this.#measured?.samples ?? null;
  }

  /** Where time lies on the page, in device pixels; null before the first layout. */
  get page() {
    return this.#page;
  }

  /** The settings as this page follows them. */
  get #look() {
    return asDrawn(this.#settings, this.#signals);
  }

  /** Whether the page is drawn from the channels as recorded, for other filters or channels. */
  get usesRaw() {
    return this.#raw !== null && needsRaw({ settings: this.#look, signals: this.#signals });
  }

  /** The raw view is fetched when first needed; until it is here the filtered signals stay. */
  #needRaw() {
    if (this.usesRaw) return this.#raw.want(this.#at.epoch);
    if (this.#raw || !needsRaw({ settings: this.#look, signals: this.#signals })) return;
    this.#openRaw().then((raw) => {
      if (!raw || this.#raw) return;
      this.#raw = raw;
      raw.addEventListener("epoch", () => this.#arrived());
      this.rebuild();
    });
  }

  #layOut() {
    const { width, height } = this.#layers[0].canvas;
    const { pageS, sides } = this.#settings;
    const { epoch, part } = this.#at;
    const epochCount = this.#epochCount;
    this.#page = this.isNight
      ? layOutNight({ width, height, epochCount, ...this.#stripEdges() })
      : layOut({ width, height, pageS, sides, part, night: { epoch, epochCount } });
    drawUnder(this.#layers[0].context, this.#scene);
    drawOver(this.#layers[2].context, this.#scene);
    this.#placeMark();
    for (const follow of this.followers) follow();
  }

  /** What is drawn under and over the traces. */
  get #scene() {
    const clock = this.#night?.clock;
    const { epoch } = this.#at;
    return {
      page: this.#page, bands: this.bands, settings: this.#settings, unit: devicePixelRatio,
      hours: clock?.marks(this.#epochCount, this.#page.width / devicePixelRatio) ?? [],
      timeAt: clock && ((offset) => ({ epoch: epoch + offset, label: clock.time(epoch + offset) })),
    };
  }

  /** The whole night lies under its hypnogram: the same time axis. */
  #stripEdges() {
    const [strip, traces] = [this.#night.strip, this.#layers[0].canvas].map((node) => node.getBoundingClientRect());
    const px = (x) => Math.round((x - traces.left) * devicePixelRatio);
    return { left: px(strip.left), right: px(strip.right) };
  }

  /** On the page of the whole night the epoch under scoring is marked; on others it is lit. */
  #placeMark() {
    if (!this.#night) return;
    this.#night.mark.hidden = !this.isNight;
    if (this.isNight) placeMark(this.#night.mark, { epoch: this.#at.epoch, page: this.#page, unit: devicePixelRatio });
  }

  #arrived() {
    this.#requestFrame();
    for (const tell of this.arrivals) tell();
  }

  #requestFrame() {
    if (this.#framed || !this.#page) return;
    this.#framed = true;
    requestAnimationFrame(() => {
      this.#framed = false;
      if (this.#page) this.#draw();
    });
  }

  #draw() {
    if (this.isNight) return this.#drawNight();
    this.#wish();
    const { context, canvas } = this.#layers[1];
    const { epoch } = this.#at;
    canvas.toggleAttribute("data-waiting", !this.#columns.has(epoch));
    // After a change of scale the epoch's old traces stay until the new ones are there: no flicker.
    if (this.#painted === epoch && !this.#columns.has(epoch)) return;
    this.#painted = this.#columns.has(epoch) ? epoch : null;
    this.#pixels.clear(canvas);
    for (const offset of visibleOffsets(this.#page)) this.#drawEpoch(offset);
    this.#pixels.show(context);
  }

  #drawNight() {
    if (this.#painted === "night") return;
    const { context, canvas } = this.#layers[1];
    const startedAt = performance.now();
    const isWhole = drawNight(context, {
      bands: this.bands, signals: this.#signals, envelope: this.#night.envelope, page: this.#page,
    });
    canvas.toggleAttribute("data-waiting", !isWhole);
    this.#painted = isWhole ? "night" : null;
    this.#hasNight = isWhole;
    performance.measure("epochwise:draw-night", { start: startedAt });
  }

  #isVisible(epoch) {
    return visibleOffsets(this.#page).includes(epoch - this.#at.epoch);
  }

  #drawEpoch(offset) {
    const epoch = this.#at.epoch + offset;
    const columns = epoch >= 0 && epoch < this.#epochCount ? this.#columns.get(epoch) : null;
    if (!columns) return;
    const { epochX, epochPx, lit, width } = this.#page;
    const x = epochX + offset * epochPx;
    const draw = (from, to, strength) => columns.forEach((ends, band) =>
      this.#pixels.draw(ends, { x, from: from - x, to: to - x, ink: this.#inks[band], strength }));
    const [left, right] = [Math.max(0, x), Math.min(width, x + epochPx)];
    if (offset !== 0) return draw(left, right, DIMMED);
    draw(left, lit.from, DIMMED);
    draw(lit.from, lit.to, 1);
    draw(lit.to, right, DIMMED);
  }

  /** The columns needed now, then those the next keys will ask for. */
  #wish() {
    const offsets = [0, ...visibleOffsets(this.#page), ...AHEAD];
    const epochs = offsets.map((offset) => this.#at.epoch + offset);
    this.#columns.want([...new Set(epochs)].filter((epoch) => epoch >= 0 && epoch < this.#epochCount));
  }
}

/**
 * Wheel, pinch and middle button over the traces in `area` move what `movable` names, see Moving. What they need is
 * loaded with the first of them.
 */
export function attachMoving(area, movable) {
  let loading = null;
  let follows = false;
  const moving = () => (loading ??= import("./moving.js").then(({ Moving }) => {
    follows = true;
    return new Moving(area, movable);
  }));
  const isOnTraces = (event) => !event.target.closest("aside");
  // Where the window is so small that the page scrolls, the plain wheel scrolls it.
  const isForPage = ({ ctrlKey, shiftKey, deltaX, deltaY }) =>
    !ctrlKey && !shiftKey && Math.abs(deltaY) >= Math.abs(deltaX) &&
    document.documentElement.scrollHeight > innerHeight;
  area.addEventListener("wheel", (event) => {
    if (!isOnTraces(event) || isForPage(event)) return;
    event.preventDefault();
    moving().then((loaded) => loaded.wheel(event));
  }, { passive: false });
  area.addEventListener("pointerdown", (event) => {
    if (follows || !isOnTraces(event) || (event.pointerType !== "touch" && event.button !== 1)) return;
    if (event.button === 1) event.preventDefault();
    moving().then((loaded) => loaded.down(event));
  });
}
