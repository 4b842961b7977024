// Times of the night.

import { EPOCH_S } from "./scale.js";

const MOST_MARKS = 12;
const MARK_PX = 56;
const MARK_STEPS_S = [1, 5, 15, 60, 120, 240, 360, 720].map((minutes) => minutes * 60);

/** Times of the night from the recording's clock; hours from its start where no clock is known. */
export function nightClock({ startClockS, epoch0S }) {
  const known = startClockS !== null && startClockS !== undefined;
  const originS = (known ? startClockS : 0) + epoch0S;
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const timeAt = (second) => {
    const s = (((originS + second) % 86_400) + 86_400) % 86_400;
    return `${two(s / 3600)}:${two((s / 60) % 60)}:${two(s % 60)}`;
  };
  const time = (epoch) => timeAt(epoch * EPOCH_S);
  const secondAt = (text, nightS) => {
    const [hours, minutes, seconds = "0"] = text.split(":");
    const daySeconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const afterS = (((daySeconds - originS) % 86_400) + 86_400) % 86_400;
    return Number.isFinite(afterS) && afterS <= nightS ? afterS : null;
  };
  return {
    time,
    /** The time of a second of the night, counted from its first epoch. */
    timeAt,
    /** The second of the night at a time typed as "2:35" or "02:35:30"; null where the night has no such time. */
    secondAt,
    /** Round times along a night drawn `widthPx` wide: hours for a usual one, minutes for a nap. */
    marks(epochCount, widthPx) {
      const nightS = epochCount * EPOCH_S;
      const most = Math.min(MOST_MARKS, Math.floor(widthPx / MARK_PX));
      const stepS = MARK_STEPS_S.find((step) => nightS / step <= most) ?? MARK_STEPS_S.at(-1);
      const marks = [];
      for (let s = Math.ceil(originS / stepS) * stepS; s < originS + nightS; s += stepS) {
        const epoch = (s - originS) / EPOCH_S;
        marks.push({ epoch, label: time(epoch).slice(0, 5) });
      }
      return marks;
    },
    /** The epoch at a time typed as "2:35" or "02:35:30", the first one of the night that fits; null when none. */
    epochAt(text, epochCount) {
      const second = secondAt(text, epochCount * EPOCH_S);
      return second === null || second === epochCount * EPOCH_S ? null : Math.floor(second / EPOCH_S);
    },
  };
}
