// Whether a stage key turns the page. Where a rationale is written the page waits for it; where none is, it goes on.

const SETTINGS = { coarse: "advanceCoarse", fine: "advanceFine" };

/** The name of the setting that a track goes by. */
export function advanceSetting(track) {
  return SETTINGS[track] ?? SETTINGS.fine;
}

/** `press` is {other, from}: Shift was held; the digit was one of the "pad" or of the top "row". */
export function goesOn(settings, track, { other = false, from = "" } = {}) {
  const usual = settings.padGoesOn && from ? from === "pad" : settings[advanceSetting(track)];
  return usual !== other;
}
