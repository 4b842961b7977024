// The keys of a person on every page that has some: one map a page, kept together as {action: [names]}, with the page
// before the actions of all pages but the workbench's own: "rating/comment". What a page shares with the workbench has
// its keys until it is given others.

import { adjudicationBindings } from "../keytables/adjudication.js";
import { ratingBindings } from "../keytables/rating.js";
import { KeyMap } from "./keymap.js";

/** Every page with keys of its own, and what it is called. */
export const PAGES = { workbench: "Scoring", rating: "Rating", adjudication: "Adjudication" };
const SHARING = { rating: ratingBindings, adjudication: adjudicationBindings };

export class KeySets {
  constructor(kept) {
    this.workbench = new KeyMap(kept);
    for (const [page, bindingsFor] of Object.entries(SHARING)) {
      this[page] = new KeyMap(within(kept, page), bindingsFor(this.workbench));
    }
  }

  /** All that was changed, as it is kept. */
  get own() {
    const named = Object.keys(SHARING).flatMap((page) => Object.entries(this[page].own).map(([action, keys]) => [`${page}/${action}`, keys]));
    return { ...this.workbench.own, ...Object.fromEntries(named) };
  }

  /** The sets with another map of one page. */
  with(page, map) {
    const sets = Object.assign(Object.create(KeySets.prototype), this, { [page]: map });
    return new KeySets(sets.own);
  }
}

function within(kept, page) {
  const prefix = `${page}/`;
  const found = Object.entries(kept ?? {}).filter(([action]) => action.startsWith(prefix));
  return Object.fromEntries(found.map(([action, keys]) => [action.slice(prefix.length), keys]));
}
