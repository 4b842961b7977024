// What this browser keeps until the server has it: saves on disk, comments and their drafts.

// The save queue on disk (IndexedDB), so that a closed tab or a crash loses nothing.
// Where the browser forbids it the queue lives in memory and the page says so.

const DATABASE = "epochwise";
const TABLE = "saves";

export function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () =>
    opening.result.createObjectStore(TABLE, { keyPath: "uuid" }).createIndex("scoring", "scoring");
  return promised(opening);
}

/** Every row there is, of whatever scoring and person. */
async function allKept() {
  const database = await open();
  return promised(database.transaction(TABLE).objectStore(TABLE).getAll());
}

async function forget(items) {
  const transaction = (await open()).transaction(TABLE, "readwrite");
  items.forEach(({ uuid }) => transaction.objectStore(TABLE).delete(uuid));
  return finished(transaction);
}

/**
 * Rows of a scoring on disk: `all()` oldest first, `write({put, remove})` in a single transaction.
 * Each row says whose it is, `owner` {user, name, path}: it is known by that where the scoring is out of reach.
 */
export async function openDisk(scoringId, owner) {
  const database = await open();
  return {
    async all() {
      const rows = await promised(database.transaction(TABLE).objectStore(TABLE).index("scoring").getAll(scoringId));
      return rows.sort((a, b) => a.createdMs - b.createdMs);
    },
    write({ put, remove }) {
      const transaction = database.transaction(TABLE, "readwrite", { durability: "relaxed" });
      const table = transaction.objectStore(TABLE);
      remove.forEach((uuid) => table.delete(uuid));
      put.forEach((item) => table.put({ ...item, scoring: scoringId, owner }));
      // Without this the commit waits for our callbacks, which a tab being closed no longer runs.
      transaction.commit();
      return finished(transaction);
    },
  };
}

export function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    // An error of one of its requests aborts it, and only then the transaction has the reason.
    transaction.onabort = () => reject(transaction.error);
  });
}

// An entry of the browser's storage. Storage may be forbidden or full; the page then holds the only copy.

function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** The names of all entries that begin so. */
function keysUnder(prefix) {
  return attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? [];
}

export function kept(key) {
  return {
    read: () => attempt(() => localStorage.getItem(key)),
    write: (text) => attempt(() => (text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text))),
  };
}

// Which nights have their signals on this disk, for work without a network; what keeps them is loaded when needed.

/** Where every page finds whose nights are kept here, {user, untilMs}, with a time for each recording. */
export const KEPT_NIGHTS = "epochwise.nights";

/** A size in words, as "5 MB"; even the smallest is 1 MB. */
export function megabytes(bytes) {
  return `${Math.max(1, Math.round(bytes / 2 ** 20))} MB`;
}

/** Until when signals are kept here for this person, by recording. */
export function keptUntil(user) {
  const { user: owner, untilMs } = attempt(() => JSON.parse(kept(KEPT_NIGHTS).read())) ?? {};
  return (owner === user && untilMs) || {};
}

/** Recordings whose signals are kept here for this person. */
export function keptNights(user) {
  return Object.keys(keptUntil(user));
}

// Words not sent yet, by epoch, kept until they are: the network or the tab may go before.

export function draftsOf(owner) {
  const held = new Map();
  const place = (epoch) => kept(`epochwise.comment.${owner}.${epoch}`);
  return {
    of: (epoch) => held.get(epoch) ?? place(epoch).read() ?? "",
    keep(epoch, text) {
      held.set(epoch, text);
      place(epoch).write(text || null);
    },
  };
}

// Comments on their way: kept until the server has them, sent in turn, and again once it answers.
// Each goes under the id it was given first, so that a comment whose reply was lost is stored once.

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
function sound(text) {
  try {
    const isComment = ({ client_uuid: id, epoch, text: words }) =>
      typeof id === "string" && Number.isInteger(epoch) && typeof words === "string";
    return JSON.parse(text ?? "[]").filter(isComment);
  } catch {
    return [];
  }
}

// Comments of a person that wait to be sent, of whatever night: what the outboxes of all nights have kept.

/** Where the outbox of a night keeps its comments. */
export function placeOf(user, scoring) {
  return `epochwise.comments.${user}.${scoring}`;
}

/** In the shape of other changes that were not sent. */
export function waitingComments(user) {
  return keysUnder(placeOf(user, "")).flatMap((place) =>
    sound(kept(place).read()).map((comment) => ({
      kind: "comment", uuid: comment.client_uuid, epoch: comment.epoch, content: { rationale: comment.text },
      createdMs: comment.made_ms ?? 0,
      owner: { user, name: comment.night ?? "A night", path: `/scorings/${place.split(".").at(-1)}/score/` }, place,
    })),
  );
}

export function forgetComments(items) {
  for (const { place, uuid } of items) {
    const left = sound(kept(place).read()).filter(({ client_uuid: id }) => id !== uuid);
    kept(place).write(left.length ? JSON.stringify(left) : null);
  }
}

// All that this browser keeps of a person and the server does not have: changes of scorings, adjudications and
// ratings on disk, and comments. Each says whose it is, `owner` {user, name, path}.

/** Without a database of the browser there are comments alone. */
export async function keptOf(user) {
  const saves = await allKept().catch(() => []);
  return [...saves.filter(({ owner }) => owner && String(owner.user) === user), ...waitingComments(user)];
}

export async function forgetKept(items) {
  const isComment = ({ kind }) => kind === "comment";
  forgetComments(items.filter(isComment));
  await forget(items.filter((item) => !isComment(item)));
}
