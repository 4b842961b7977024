// Fetches the words of the sides a page of epochs at a time, ahead of the adjudicator.

const EPOCHS_A_PAGE = 20;
// With fewer than these ready ahead, the next page is fetched.
const AHEAD = 6;
const RETRY_MS = 3_000;

/** Which epochs to ask for at `epoch`: itself, those settled next, and its neighbours; [] while enough are here. */
export function wantedAt(epoch, store) {
  const open = store.open;
  const first = open.findIndex((each) => each > epoch);
  const next = first < 0 ? open : [...open.slice(first), ...open.slice(0, first)];
  const near = next.slice(0, AHEAD);
  if (store.hasTexts(epoch) && near.every((each) => store.hasTexts(each))) return [];
  const around = [epoch + 1, epoch - 1].filter((each) => each >= 0 && each < store.epochCount);
  const missing = [epoch, ...next.slice(0, EPOCHS_A_PAGE), ...around].filter((each) => !store.hasTexts(each));
  return [...new Set(missing)].slice(0, EPOCHS_A_PAGE);
}

/** "filled" events when texts have arrived. */
export class Texts extends EventTarget {
  #store;
  #fetch;
  #isFetching = false;
  #timer = null;

  /** `fetch(epochs)` resolves with the texts of some or all of these, the first at least. */
  constructor({ store, fetch }) {
    super();
    this.#store = store;
    this.#fetch = fetch;
    addEventListener("online", () => this.want());
  }

  /** Fetch what the current epoch needs, and what comes next. */
  async want() {
    clearTimeout(this.#timer);
    const epochs = wantedAt(this.#store.current, this.#store);
    if (this.#isFetching || !epochs.length) return;
    this.#isFetching = true;
    const isHere = await this.#load(epochs);
    this.#isFetching = false;
    if (isHere) this.want();
    else this.#timer = setTimeout(() => this.want(), RETRY_MS);
  }

  async #load(epochs) {
    try {
      const texts = await this.#fetch(epochs);
      this.#store.fill(texts);
      this.dispatchEvent(new CustomEvent("filled"));
      return Object.keys(texts).length > 0;
    } catch (error) {
      if (!("status" in error)) throw error;
      return false;
    }
  }
}
