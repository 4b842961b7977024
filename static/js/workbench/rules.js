// Which rules to offer for a stage, and the keys that cite them. The rules come from the server.

const CHORD_FAMILIES = { W: "W", 0: "W", 1: "N1", 2: "N2", 3: "N3", R: "R", M: "MBM" };

/** Rules by use: `first` speak for this stage alone, `others` for it among more, `rest` cannot support it. */
export function offer(rules, stage) {
  const fits = rules.filter((rule) => stage !== null && rule.supports.includes(stage));
  return {
    first: fits.filter((rule) => rule.supports.length === 1),
    others: fits.filter((rule) => rule.supports.length > 1),
    rest: rules.filter((rule) => !fits.includes(rule)),
  };
}

/** Cited rules without those a change to `stage` has made impossible; unscored keeps none. */
export function rulesAfterStage(rules, cited, stage) {
  if (stage === null) return [];
  return cited.filter((id) => rules.find((rule) => rule.id === id)?.supports.includes(stage) ?? true);
}

export function toggled(list, entry) {
  return list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];
}

/** A rule id from the keys typed after the full stop: "24" is N2.4, "R3" is R.3, "M1" is MBM.1. */
export function ruleFromChord(rules, keys) {
  const family = CHORD_FAMILIES[keys[0]?.toUpperCase()];
  return rules.find((rule) => rule.id === `${family}.${keys[1]}`) ?? null;
}

/** The two keys of a rule after the chord key. */
export function chordOf(ruleId) {
  const [family, number] = ruleId.split(".");
  const key = Object.keys(CHORD_FAMILIES).findLast((k) => CHORD_FAMILIES[k] === family);
  return key ? key + number : "";
}
