// The save queue: sends saves and locks in turn, for ever if need be, and says how it stands.

import * as pending from "./changes.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * What a save that came back means, as a single word; the queue acts on the word alone:
 * - "signed-out": nobody is signed in; it goes on after that
 * - "unlockable": the server would not fix the answer; what was saved behind it goes on by itself
 * - "stale": the server holds something else
 * - "closed": nothing can be saved any more, submitted, withdrawn, or no longer shared with us
 * - "refused": not as it is; it waits for its correction
 * - "later": no answer, or none that says anything
 */
export function meaningOf({ kind }, { status, body = {} }) {
  if (status === 401) return "signed-out";
  if (kind === "lock" && (status === 400 || body.current || body.code === "unscored")) return "unlockable";
  if (status === 409 && body.current) return "stale";
  if ([403, 404, 409].includes(status)) return "closed";
  return [400, 413].includes(status) ? "refused" : "later";
}

/** Longer with every failure in a row, and never the same for all browsers of a house. */
function waitMs(failures) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures * (0.75 + Math.random() / 2));
}

/** A random version 4 UUID, also where the page came over plain http and crypto.randomUUID is missing. */
export function newUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const OUT_OF_REACH_WAIT_MS = 15_000;

/**
 * Events: "state" whenever `state` may have changed, "saved" {epoch, answer}, "conflict" {epoch},
 * "closed" {code} when nothing can be saved any more: submitted, withdrawn, or no longer shared with us,
 * "locked" {epoch, answer}, and "unlocked" {epoch, detail} where a lock came to nothing.
 * `isSame(content, current)` says whether the server already holds what was to be saved; `nameOf(epoch)` names it.
 * `send(epoch, body)` and `sendLock(epoch, body)` resolve with the server's answer or reject with an error
 * that has `status` and `body`.
 */
export class SaveQueue extends EventTarget {
  #items = [];
  #disk;
  #send;
  #sendLock;
  #sending = false;
  #failures = 0;
  #signedOut = false;
  #stopped = null;
  #savedAt = null;
  #writing = 0;
  #timer = null;
  #isSame;
  #nameOf;

  constructor({ disk, send, sendLock, isSame, nameOf = (epoch) => `Epoch ${epoch + 1}` }) {
    super();
    this.#isSame = isSame;
    this.#nameOf = nameOf;
    this.#disk = disk;
    this.#send = send;
    this.#sendLock = sendLock;
  }

  /** Saves left over from an earlier visit; the caller shows them, then starts sending. */
  async restore() {
    this.#items = (await this.#disk?.all()) ?? [];
    this.#emit("state");
    return this.#items;
  }

  put({ epoch, content, version, why, shown, activeMs }) {
    this.#add({ epoch, content, version, why, shown, activeMs });
  }

  /** Fix the answer that was put in last; what is put in after it comes after the lock. */
  lock({ epoch, version }) {
    this.#add({ kind: "lock", epoch, version });
  }

  get state() {
    const count = this.#items.length;
    const of = (name) => this.#items.find((item) => item[name]);
    const name = of("conflict")
      ? "conflict"
      : this.#signedOut
        ? "signed-out"
        : (this.#stopped ?? this.refused)
          ? "refused"
          : count === 0
            ? "saved"
            : this.#failures
              ? "waiting"
              : "saving";
    const detail =
      this.#stopped ?? (this.refused ? `${this.#nameOf(this.refused.epoch)}: ${this.refused.refused}` : null);
    return {
      name, count, detail, isClosed: this.#stopped !== null, savedAt: this.#savedAt, hasDisk: Boolean(this.#disk),
      written: Boolean(this.#disk) && this.#writing === 0,
    };
  }

  /** The first save that waits for its correction, if any. */
  get refused() {
    return this.#items.find((item) => item.refused);
  }

  conflicts() {
    return this.#items.filter((item) => item.conflict);
  }

  /** What the server does not have, as it lies on disk. */
  get items() {
    return this.#items;
  }

  /** A person lets go of all that was not sent. */
  async letGo() {
    await this.#update([]);
  }

  keepMine(epoch) {
    this.#update(pending.keepMine(this.#items, epoch, newUuid()));
    this.#run();
  }

  takeTheirs(epoch) {
    this.#update(pending.dropEpoch(this.#items, epoch));
    this.#run();
  }

  /** Try again now: the network is back, the person signed in, the tab is looked at again. */
  wake() {
    this.#stopped = null;
    this.#run();
  }

  #add(wish) {
    const item = { uuid: newUuid(), ...wish, createdMs: pending.nextMs(this.#items, Date.now()), attempted: false };
    this.#update(pending.enqueue(this.#items, item));
    // A server that does not answer gets no new request at every key: the wait goes on.
    if (this.#timer === null) this.#run();
  }

  async #run() {
    if (this.#sending) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    const item = pending.nextToSend(this.#items);
    if (!item || this.#stopped) return;
    this.#sending = true;
    this.#update(pending.markAttempted(this.#items, item.uuid));
    const again_ms = await this.#attempt(item);
    this.#sending = false;
    this.#emit("state");
    if (again_ms === 0) this.#run();
    else this.#timer = setTimeout(() => this.#run(), again_ms);
  }

  async #attempt(item) {
    try {
      if (item.kind === "lock") this.#fixed(item, await this.#sendLock(item.epoch, { version: item.version }));
      else this.#stored(item.uuid, item.epoch, await this.#send(item.epoch, bodyOf(item)));
      return 0;
    } catch (error) {
      // A fault of ours must not stop the queue either: it is reported, and the save tried again.
      if (!("status" in error)) reportError(error);
      return this.#failed(item, error);
    }
  }

  #fixed({ uuid, epoch }, answer) {
    this.#reached();
    this.#update(pending.acknowledge(this.#items, uuid, answer.version));
    this.#emit("locked", { epoch, answer });
  }

  /** The server would not lock. The answers behind it are sent as they are, and meet what it holds. */
  #notFixed({ uuid, epoch, version }, detail) {
    this.#reached();
    this.#update(pending.acknowledge(this.#items, uuid, version));
    this.#emit("unlocked", { epoch, detail });
    return 0;
  }

  #reached() {
    this.#failures = 0;
    this.#signedOut = false;
  }

  #stored(uuid, epoch, answer) {
    this.#reached();
    this.#savedAt = new Date(answer.saved_at);
    this.#update(pending.acknowledge(this.#items, uuid, answer.version));
    this.#emit("saved", { epoch, answer });
  }

  #failed(item, error) {
    const { uuid, epoch, content } = item;
    const { body = {}, message } = error;
    const acts = {
      "signed-out": () => {
        this.#signedOut = true;
        return OUT_OF_REACH_WAIT_MS;
      },
      unlockable: () => this.#notFixed(item, message),
      stale: () => this.#stale(uuid, epoch, content, body.current),
      closed: () => {
        this.#stopped = message;
        this.#emit("closed", { code: body.code ?? "" });
        return OUT_OF_REACH_WAIT_MS;
      },
      refused: () => {
        this.#update(pending.markRefused(this.#items, uuid, message));
        this.#emit("unlocked", { epoch, detail: message });
        return 0;
      },
      later: () => waitMs(this.#failures++),
    };
    return acts[meaningOf(item, error)]();
  }

  #stale(uuid, epoch, content, current) {
    if (this.#isSame(content, current)) {
      this.#stored(uuid, epoch, { ...current, saved_at: current.saved_at ?? new Date().toISOString() });
      return 0;
    }
    this.#failures = 0;
    this.#update(pending.markConflict(this.#items, uuid, current));
    this.#emit("conflict", { epoch });
    return 0;
  }

  #update(items) {
    const change = pending.difference(this.#items, items);
    this.#items = items;
    const written = this.#write(change);
    this.#emit("state");
    return written;
  }

  async #write(change) {
    this.#writing += 1;
    await this.#disk?.write(change).catch(() => (this.#disk = null));
    this.#writing -= 1;
    this.#emit("state");
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function bodyOf({ uuid, version, content, why, shown, activeMs }) {
  return { client_uuid: uuid, version, ...content, why, shown, active_ms: Math.round(activeMs) };
}
