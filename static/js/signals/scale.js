// Scales of amplitude and time: microvolts and seconds on the page, and times of the night.

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

/** Which seconds of the epoch a page holds that is shorter than it: "10-20 s". */
export function partWords(pageS, part) {
  const from = Math.round(part * pageS * 10) / 10;
  return `${from}-${Math.round((from + pageS) * 10) / 10} s`;
}

/** The length of a page, with its place where it holds a part of the epoch: "10 s page: 10-20 s". */
export function pageWords(pageS, part = 0) {
  return pageS >= EPOCH_S ? pageName(pageS) : `${pageName(pageS)}: ${partWords(pageS, part)}`;
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
 * A page of 30 s or more centres the epoch; a shorter page shows part `part` of it.
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

/** The part of the epoch `step` parts on, held at its ends; null at the end already. Parts may begin anywhere. */
export function partAfter(pageS, part, step) {
  const last = partCount(pageS) - 1;
  if (step > 0 ? part >= last : part <= 0) return null;
  return Math.min(last, Math.max(0, part + step));
}

// Where time lies on the page, in device pixels.

const SIDE_SHARE = 0.145;

/**
 * The main panel holds a page; the sides show what lies before and after it, on the same scale. A page that is
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
  return {
    width, height, sidePx: left, mainPx, epochPx, pxPerS: epochPx / EPOCH_S, epochX: left, lit: whole, rightX: right,
  };
}

/** Offsets of the epochs that touch the page: [-1, 0, 1] on a page of 30 s with its sides. */
export function visibleOffsets({ width, epochX, epochPx }) {
  const first = -Math.ceil(epochX / epochPx);
  const last = Math.ceil((width - epochX) / epochPx) - 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

// Times of the night.

const MOST_MARKS = 12;
const MARK_PX = 56;
const DAY_S = 86_400;
const MARK_STEPS_S = [1, 5, 15, 60, 120, 240, 360, 720].map((minutes) => minutes * 60);

// As psg/lights.py reads them: a time of day, and before it the day where a recording has several.
const TYPED = /^(?:(?:day\s+)?(\d{1,2}),?\s+)?(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?$/i;

/** Times of the night from the recording's clock; hours from its start where no clock is known. */
export function nightClock({ startClockS, epoch0S, nightS = 0 }) {
  const known = startClockS !== null && startClockS !== undefined;
  const originS = (known ? startClockS : 0) + epoch0S;
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const timeAt = (second) => {
    const s = (((originS + second) % DAY_S) + DAY_S) % DAY_S;
    return `${two(s / 3600)}:${two((s / 60) % 60)}:${two(s % 60)}`;
  };
  const time = (epoch) => timeAt(epoch * EPOCH_S);
  const dayAt = (second) => Math.floor((originS + second) / DAY_S) + 1;
  const secondsAt = (text, endS) => {
    const [, day, hours, minutes, seconds = "0"] = TYPED.exec(text.trim()) ?? [];
    if (hours === undefined || Number(hours) > 23) return [];
    const ofDayS = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const firstDay = day === undefined ? 1 : Number(day);
    const lastDay = day === undefined ? dayAt(endS) : firstDay;
    return Array.from({ length: lastDay - firstDay + 1 }, (_, n) => (firstDay - 1 + n) * DAY_S + ofDayS - originS)
      .filter((second) => second >= 0 && second <= endS);
  };
  return {
    time,
    /** The time of a second of the night, counted from its first epoch. */
    timeAt,
    /** The same with its day, where the night has more than one: "2 02:35:30". */
    markAt: (second) => (nightS < DAY_S ? timeAt(second) : `${dayAt(second)} ${timeAt(second)}`),
    /** The seconds of the night at a time typed as "2:35", "02:35:30" or "2 02:35:30": of a long night, one a day. */
    secondsAt,
    /** Round times along a night drawn `widthPx` wide: hours for a usual night, minutes for a nap. */
    marks(epochCount, widthPx) {
      const drawnS = epochCount * EPOCH_S;
      const most = Math.min(MOST_MARKS, Math.floor(widthPx / MARK_PX));
      const stepS = MARK_STEPS_S.find((step) => drawnS / step <= most) ?? MARK_STEPS_S.at(-1);
      const marks = [];
      for (let s = Math.ceil(originS / stepS) * stepS; s < originS + drawnS; s += stepS) {
        const epoch = (s - originS) / EPOCH_S;
        marks.push({ epoch, label: time(epoch).slice(0, 5) });
      }
      return marks;
    },
    /** The epoch at a time typed as "2:35", "02:35:30" or "2 02:35", the first that fits; null when none. */
    epochAt(text, epochCount) {
      const [second = null] = secondsAt(text, epochCount * EPOCH_S);
      return second === null || second === epochCount * EPOCH_S ? null : Math.floor(second / EPOCH_S);
    },
  };
}
