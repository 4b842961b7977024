// Where time lies on the page, in device pixels.

import { EPOCH_S, pageStart } from "./scale.js";

const SIDE_SHARE = 0.145;

/**
 * The main panel holds one page; the sides show what lies before and after it, on the same scale.
 * `epochX` is where the epoch under scoring begins, which may lie left of the main panel on a short page.
 */
export function layOut({ width, height, pageS, part, sides }) {
  const sidePx = sides ? Math.round(width * SIDE_SHARE) : 0;
  const mainPx = width - 2 * sidePx;
  const epochPx = Math.round((mainPx * EPOCH_S) / pageS);
  const pxPerS = epochPx / EPOCH_S;
  const epochX = sidePx - Math.round(pageStart(pageS, part) * pxPerS);
  const lit = { from: Math.max(sidePx, epochX), to: Math.min(sidePx + mainPx, epochX + epochPx) };
  return { width, height, sidePx, mainPx, epochPx, pxPerS, epochX, lit };
}

/** Offsets of the epochs that touch the page: [-1, 0, 1] on a page of 30 s with its sides. */
export function visibleOffsets({ width, epochX, epochPx }) {
  const first = -Math.ceil(epochX / epochPx);
  const last = Math.ceil((width - epochX) / epochPx) - 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
