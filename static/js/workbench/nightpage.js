// The page that holds the whole night: drawn once; turning only moves the mark of the epoch under scoring.

import { columns, fitted } from "./envelope.js";

const LEAST_MARK_PX = 3;

/** Draw all bands; false while some of them are not here yet. */
export function drawNight(context, { bands, signals, envelope, page }) {
  const found = bands.map((band) => ({ band, stretches: stretchesOf(band, signals, envelope) }));
  context.globalAlpha = 1;
  context.clearRect(0, 0, page.width, page.height);
  for (const { band, stretches } of found) {
    if (stretches) drawBand(context, page.sidePx, band, columns(stretches, page.mainPx), scaleOf(band, signals, stretches));
  }
  return found.every(({ stretches }) => stretches);
}

function stretchesOf(band, signals, envelope) {
  const [view, store] = band.isExtra ? ["raw", band.signals] : ["scored", signals];
  return envelope.channel(view, store.channelNames, band.channel);
}

/** Pixels a count, negative draws upwards, and the count that lies in the middle of the band. */
function scaleOf(band, signals, stretches) {
  if (!band.isExtra) return { middle: 0, pxPerCount: band.pxPerUv * signals.channel(band.channel).scale_uv };
  const { middle, pxPerCount } = fitted(stretches, band.heightPx);
  const upwards = -Math.sign(band.signals.channel(band.channel).scale_uv);
  return { middle, pxPerCount: upwards * pxPerCount * band.gain };
}

function drawBand(context, left, { colour, centrePx }, { lows, highs }, { middle, pxPerCount }) {
  context.fillStyle = colour;
  for (let x = 0; x < lows.length; x++) {
    const [from, to] = [(lows[x] - middle) * pxPerCount, (highs[x] - middle) * pxPerCount];
    context.fillRect(left + x, centrePx + Math.min(from, to), 1, Math.max(1, Math.abs(to - from)));
  }
}

/** The epoch under scoring, marked over all traces; wide enough to be seen in any night. */
export function placeMark(mark, { epoch, page: { epochX, epochPx }, unit }) {
  const widthPx = Math.max(LEAST_MARK_PX, epochPx / unit);
  mark.style.width = `${widthPx}px`;
  mark.style.transform = `translateX(${(epochX + (epoch + 0.5) * epochPx) / unit - widthPx / 2}px)`;
}

/** Click or drag on the page goes there, while `isOn()`; `pageOf()` says where time lies. */
export function followPointer(area, { isOn, pageOf, onGo }) {
  const go = (event) => {
    const { epochX, epochPx } = pageOf();
    onGo(Math.floor(((event.clientX - area.getBoundingClientRect().left) * devicePixelRatio - epochX) / epochPx));
  };
  area.addEventListener("pointerdown", (event) => {
    if (!isOn() || event.button !== 0 || event.target.closest("button, a, aside")) return;
    area.setPointerCapture(event.pointerId);
    go(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (isOn() && event.buttons === 1 && area.hasPointerCapture(event.pointerId)) go(event);
  });
}
