// Comments on their way: kept until the server has them, sent one after another, and again once it answers.
// Each goes under the id it was given first, so that one whose reply was lost is stored once.

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
// Refused as it is: it would be refused again, so it goes back to the person.
const FOR_GOOD = [400, 403, 404, 409, 413];

/** "change" whenever what waits is another, "stored" {stored}, "refused" {comment, error}. */
export class Outbox extends EventTarget {
  #place;
  #send;
  #waiting;
  #isSending = false;
  #failures = 0;
  #timer = null;

  /** `place` keeps a text: read(), write(text or null). `send(comment)` resolves with what was stored. */
  constructor({ place, send }) {
    super();
    this.#place = place;
    this.#send = send;
    this.#waiting = sound(place.read());
  }

  /** [{client_uuid, epoch, text}] with what else was put in, oldest first. */
  get waiting() {
    return this.#waiting;
  }

  put(comment) {
    this.#keep([...this.#known, comment]);
    this.wake();
  }

  /** Try now: there is something new, the network is back, or the page is looked at again. */
  async wake() {
    clearTimeout(this.#timer);
    if (this.#isSending || !this.#waiting.length) return;
    this.#isSending = true;
    const wait_ms = await this.#attempt(this.#waiting[0]);
    this.#isSending = false;
    if (wait_ms === 0) this.wake();
    else this.#timer = setTimeout(() => this.wake(), wait_ms);
  }

  async #attempt(comment) {
    try {
      const stored = await this.#send(comment);
      this.#done(comment, "stored", { stored });
      return 0;
    } catch (error) {
      if (!("status" in error)) reportError(error);
      if (FOR_GOOD.includes(error.status)) {
        this.#done(comment, "refused", { comment, error });
        return 0;
      }
      return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    }
  }

  #done({ client_uuid: id }, name, detail) {
    this.#failures = 0;
    this.#keep(this.#known.filter(({ client_uuid }) => client_uuid !== id));
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** What waits here, with what another tab has put beside it meanwhile. */
  get #known() {
    const here = new Set(this.#waiting.map(({ client_uuid: id }) => id));
    return [...this.#waiting, ...sound(this.#place.read()).filter(({ client_uuid: id }) => !here.has(id))];
  }

  #keep(waiting) {
    this.#waiting = waiting;
    this.#place.write(waiting.length ? JSON.stringify(waiting) : null);
    this.dispatchEvent(new CustomEvent("change"));
  }
}

/** What another visit left; what is no list of comments is left alone. */
export function sound(text) {
  try {
    const isComment = ({ client_uuid: id, epoch, text: words }) => typeof id === "string" && Number.isInteger(epoch) && typeof words === "string";
    return JSON.parse(text ?? "[]").filter(isComment);
  } catch {
    return [];
  }
}
