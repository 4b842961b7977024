// How an item was looked at when it was judged, in the words in which scorings tell it.

import { partCount } from "../workbench/scale.js";
import { shownWith } from "../workbench/settings.js";

/** `look` is {view, settings}; `part` the place of a short page in the epoch. */
export function shownAs({ view, settings }, { derivations, part }) {
  const model = view === "image";
  const words = { ...shownWith({ ...settings, model }, derivations), view: model ? "image" : "signal" };
  return model ? { ...words, page_s: null } : { ...words, part: { at: part, of: partCount(settings.pageS) } };
}
