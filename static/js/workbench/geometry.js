// Where time lies on the page, in device pixels.

import { EPOCH_S, pageStart } from "./scale.js";

const SIDE_SHARE = 0.145;

/**
 * The main panel holds one page; the sides show what lies before and after it, on the same scale. A page that is
 * longer than an epoch has both neighbours in it, and no sides.
 * `epochX` is where the epoch under scoring begins, which may lie left of the main panel on a short page;
 * `rightX` where the main panel, or in it the night, ends.
 */
export function layOut({ width, height, pageS, part, sides, night = null }) {
  const sidePx = sides && pageS <= EPOCH_S ? Math.round(width * SIDE_SHARE) : 0;
  const mainPx = width - 2 * sidePx;
  const epochPx = Math.round((mainPx * EPOCH_S) / pageS);
  const pxPerS = epochPx / EPOCH_S;
  const epochX = sidePx - Math.round(pageStart(pageS, part, night) * pxPerS);
  const lit = { from: Math.max(sidePx, epochX), to: Math.min(sidePx + mainPx, epochX + epochPx) };
  const endX = night ? epochX + (night.epochCount - night.epoch) * epochPx : Infinity;
  return { width, height, sidePx, mainPx, epochPx, pxPerS, epochX, lit, rightX: Math.min(sidePx + mainPx, endX) };
}

/** The whole night between two edges: times count from its first epoch, wherever the scorer is. */
export function layOutNight({ width, height, epochCount, left = 0, right = width }) {
  const mainPx = right - left;
  const epochPx = mainPx / epochCount;
  const whole = { from: left, to: right };
  return { width, height, sidePx: left, mainPx, epochPx, pxPerS: epochPx / EPOCH_S, epochX: left, lit: whole, rightX: right };
}

/** Offsets of the epochs that touch the page: [-1, 0, 1] on a page of 30 s with its sides. */
export function visibleOffsets({ width, epochX, epochPx }) {
  const first = -Math.ceil(epochX / epochPx);
  const last = Math.ceil((width - epochX) / epochPx) - 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
