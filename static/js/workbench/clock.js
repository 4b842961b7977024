// Times of the night.

import { EPOCH_S } from "./scale.js";

/** Times of the night from the recording's clock; hours from its start where no clock is known. */
export function nightClock({ startClockS, epoch0S }) {
  const known = startClockS !== null && startClockS !== undefined;
  const originS = (known ? startClockS : 0) + epoch0S;
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const time = (epoch) => {
    const s = (originS + epoch * EPOCH_S) % 86_400;
    return `${two(s / 3600)}:${two((s / 60) % 60)}:${two(s % 60)}`;
  };
  return {
    time,
    hourMarks(epochCount) {
      const first = Math.ceil(originS / 3600) * 3600;
      const marks = [];
      for (let s = first; s < originS + epochCount * EPOCH_S; s += 3600) {
        const epoch = (s - originS) / EPOCH_S;
        marks.push({ epoch, label: time(epoch).slice(0, 5) });
      }
      return marks;
    },
    /** The epoch at a time typed as "2:35" or "02:35:30", the first one of the night that fits; null when none. */
    epochAt(text, epochCount) {
      const [hours, minutes, seconds = "0"] = text.split(":");
      const daySeconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      const afterS = (((daySeconds - originS) % 86_400) + 86_400) % 86_400;
      const epoch = Math.floor(afterS / EPOCH_S);
      return Number.isInteger(epoch) && epoch < epochCount ? epoch : null;
    },
  };
}
