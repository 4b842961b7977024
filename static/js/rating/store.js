// What this rater gave, by the code of the item: as it stands on this page, and the version the server has of it.

import { contentOf, emptyRating, missingOf } from "./content.js";

export class RatingStore {
  #contents = new Map();
  #versions = new Map();
  #own = new Set();

  content(code) {
    return this.#contents.get(code) ?? emptyRating();
  }

  version(code) {
    return this.#versions.get(code) ?? 0;
  }

  isComplete(code) {
    return this.#contents.has(code) ? missingOf(this.content(code)).length === 0 : null;
  }

  /** Given on this page, or left here by an earlier visit: what the server sends later is older. */
  set(code, content) {
    this.#own.add(code);
    this.#contents.set(code, content);
  }

  setVersion(code, version) {
    this.#versions.set(code, version);
  }

  /** The server's rating of an item that was fetched. */
  receive(code, rating) {
    if (this.#own.has(code)) return;
    this.#contents.set(code, contentOf(rating));
    this.setVersion(code, rating.version);
  }
}
