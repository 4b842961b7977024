// Amplitude and time scales.

export const EPOCH_S = 30;
export const GAINS_UV_PER_MM = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];
// Longer than any recording: the page that holds the whole night.
export const NIGHT_S = 86_400;
export const PAGES_S = [5, 10, 15, 30, 60, 120, 300, NIGHT_S];

// A CSS millimetre; what a ruler on the glass says depends on the screen.
const CSS_PX_PER_MM = 96 / 25.4;

export function isNight(pageS) {
  return pageS >= NIGHT_S;
}

export function pageName(pageS) {
  if (isNight(pageS)) return "whole night";
  return `${pageS < 60 ? `${pageS} s` : `${pageS / 60} min`} page`;
}

/** The neighbour of `value` in an ascending list, `by` places on, held at the ends. */
export function stepped(list, value, by) {
  const at = Math.max(0, list.findIndex((entry) => entry >= value));
  return list[Math.min(list.length - 1, Math.max(0, at + by))];
}

export function pxPerUv(gainUvPerMm) {
  return CSS_PX_PER_MM / gainUvPerMm;
}

/** The largest of 1, 2, 5, 10 ... uV whose bar is no taller than `maxPx`. */
export function scaleBarUv(pxPerUvNow, maxPx) {
  let best = 1;
  for (let decade = 1; decade <= 1000; decade *= 10) {
    for (const step of [1, 2, 5]) {
      if (step * decade * pxPerUvNow <= maxPx) best = step * decade;
    }
  }
  return best;
}

/**
 * First second shown in the main panel, seconds from the start of the epoch.
 * A page of 30 s or more centres the epoch; a shorter one shows part `part` of it.
 * With `night`, {epoch, epochCount}, a long page stays inside the night, and the epoch leaves its centre at the ends.
 */
export function pageStart(pageS, part, night = null) {
  if (pageS <= EPOCH_S) return part * pageS;
  const centred = (EPOCH_S - pageS) / 2;
  if (!night) return centred;
  const [first, end] = [-night.epoch, night.epochCount - night.epoch].map((epochs) => epochs * EPOCH_S);
  return Math.max(first, Math.min(centred, end - pageS));
}

export function partCount(pageS) {
  return Math.max(1, Math.ceil(EPOCH_S / pageS));
}
