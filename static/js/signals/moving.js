// Wheel, pinch and drag on the traces: along the night, shorter or longer pages, larger or smaller amplitude.
// Loaded with the first of them.

import { EPOCH_S, PAGES_S, stepped } from "./scale.js";

// As far as this a wheel or a drag goes until the page turns, or until its length or amplitude changes.
const STEP_PX = 100;
// A wheel that turns by lines or pages, in pixels; and a pinch of a touchpad, which comes as a wheel in small turns.
const PX_OF_MODE = [1, 33, 400];
const PINCH_GAIN = 4;
const SPREAD_A_STEP = 1.5;
const CLOSEST_PX = 40;

/** Adds up small turns to whole steps, at most one at a time; turning back begins anew. */
export function stepper(stepPx = STEP_PX) {
  let sum = 0;
  return (px) => {
    if (Math.sign(px) !== Math.sign(sum)) sum = 0;
    sum += px;
    if (Math.abs(sum) < stepPx) return 0;
    sum = 0;
    return Math.sign(px);
  };
}

/**
 * Where a page shorter than the epoch is after a move by `byS`: {epoch, part}. At an end of the epoch it stops, and
 * goes on into the neighbour with the next move; null where the night ends.
 */
export function panned({ pageS, part, epoch, epochCount }, byS) {
  const last = (EPOCH_S - pageS) / pageS;
  const to = part + byS / pageS;
  if (to >= 0 && to <= last) return { epoch, part: to };
  const end = to < 0 ? 0 : last;
  if (part !== end) return { epoch, part: end };
  const next = epoch + Math.sign(byS);
  return next < 0 || next >= epochCount ? null : { epoch: next, part: last - end };
}

/** The part of the epoch on a page of `pageS` that leaves `atS` of the epoch at `share` of the page. */
export function partAround(pageS, atS, share) {
  if (pageS >= EPOCH_S) return 0;
  return Math.min(EPOCH_S - pageS, Math.max(0, atS - share * pageS)) / pageS;
}

/**
 * Follows wheel, two fingers and the middle button on the traces; what is staged stays the lit epoch.
 *
 * @typedef {object} Movable
 * @property {{page: ?object}} traces where time lies on the page
 * @property {() => object} settings the display settings in force
 * @property {() => {epoch: number, part: number, epochCount: number}} place where the page is, among the epochs that
 *   may come on it
 * @property {(action: string) => void} change a command of the display, as "gain:up"
 * @property {(pageS: number, part: number) => void} zoom another length of the page, at a part of its epoch
 * @property {(epoch: number, part: number) => void} go a short page to another place
 * @property {(step: number) => void} turn a page that is no shorter than the epoch
 */
export class Moving {
  #area;
  #movable;
  #turned = stepper();
  #zoomed = stepper();
  #sized = stepper();
  #fingers = new Map();
  #spread = null;

  constructor(area, movable) {
    [this.#area, this.#movable] = [area, movable];
    area.addEventListener("pointerdown", (event) => this.down(event), { capture: true });
    area.addEventListener("pointermove", (event) => this.#move(event), { capture: true });
    for (const name of ["pointerup", "pointercancel"]) {
      area.addEventListener(name, ({ pointerId }) => this.#fingers.delete(pointerId));
    }
  }

  wheel(event) {
    const px = PX_OF_MODE[event.deltaMode] ?? 1;
    const [x, y] = [event.deltaX * px, event.deltaY * px];
    const size = Math.abs(x) > Math.abs(y) ? x : y;
    if (event.ctrlKey) return this.#zoom(this.#zoomed(Math.abs(y) < STEP_PX / 2 ? y * PINCH_GAIN : y), event.clientX);
    if (!event.shiftKey) return this.#pan(size);
    const step = this.#sized(size);
    if (step) this.#movable.change(step < 0 ? "gain:up" : "gain:down");
  }

  down(event) {
    if (event.button === 1) event.preventDefault();
    if (event.pointerType !== "touch") return;
    this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size !== 2) return;
    // One finger measures: with the second it has not.
    this.#area.dispatchEvent(new PointerEvent("pointercancel", { pointerId: -1 }));
    this.#spread = this.#fingersApart;
  }

  get #fingersApart() {
    const [one, other] = this.#fingers.values();
    return Math.max(CLOSEST_PX, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));
  }

  #move(event) {
    if (event.pointerType === "mouse" && event.buttons === 4) return this.#pan(-event.movementX);
    if (!this.#fingers.has(event.pointerId)) return;
    const before = this.#fingers.get(event.pointerId);
    this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size !== 2) return;
    event.stopPropagation();
    this.#pinch();
    // Each finger moves the middle between them by half of its own way.
    this.#pan((before.clientX - event.clientX) / 2);
  }

  #pinch() {
    const apart = this.#fingersApart;
    const grown = apart / this.#spread;
    if (grown < SPREAD_A_STEP && grown > 1 / SPREAD_A_STEP) return;
    const [one, other] = this.#fingers.values();
    this.#spread = apart;
    this.#zoom(grown > 1 ? -1 : 1, (one.clientX + other.clientX) / 2);
  }

  /** A shorter page keeps what lies under the pointer where it is, as far as the epoch under scoring goes. */
  #zoom(step, clientX) {
    const before = this.#movable.settings().pageS;
    const pageS = stepped(PAGES_S, before, step);
    const { page } = this.#movable.traces;
    if (!step || !page || pageS === before) return;
    const x = (clientX - this.#area.getBoundingClientRect().left) * devicePixelRatio;
    this.#movable.zoom(pageS, partAround(pageS, (x - page.epochX) / page.pxPerS, (x - page.sidePx) / page.mainPx));
  }

  /** Shorter pages move freely in their epoch, others turn. */
  #pan(px) {
    const { pageS } = this.#movable.settings();
    if (pageS >= EPOCH_S) {
      const step = this.#turned(px);
      if (step) this.#movable.turn(step);
      return;
    }
    const { page } = this.#movable.traces;
    if (!page) return;
    const to = panned({ pageS, ...this.#movable.place() }, (px * devicePixelRatio) / page.pxPerS);
    if (to) this.#movable.go(to.epoch, to.part);
  }
}
