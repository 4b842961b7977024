// Changes: the list of those not yet answered, undo and redo, whether two say the same, and the time they took.

// The list of saves not yet answered, as pure functions: each takes the list and returns a new list.
//
// An item is {uuid, epoch, content, version, why, shown, activeMs, attempted, conflict, refused}.
// `version` is what the server is expected to hold, or null: "whatever the save before me makes of it".
// An item that was sent once stays as it is, for the server may have stored it although the reply
// was lost; only items never sent are merged, and under a new uuid.
// A lock, {uuid, kind: "lock", epoch, version, attempted}, fixes the answer saved before it: nothing is
// merged across it, and it goes when a person has to choose between two answers.

const isLock = ({ kind }) => kind === "lock";

/** Add a save, folded into a save of the same epoch that was not yet sent; or a lock, behind what it locks. */
export function enqueue(items, item) {
  const before = items.filter((other) => other.epoch === item.epoch);
  const last = before.at(-1);
  if (!last) return [...items, item];
  const standsAlone = last.attempted && !last.conflict && !last.refused;
  if (standsAlone || isLock(last) || isLock(item)) return [...items, { ...item, version: null }];
  const merged = {
    ...item,
    shown: { ...last.shown?.took && { took: last.shown.took }, ...(item.shown ?? last.shown) },
    version: last.version,
    activeMs: last.activeMs + item.activeMs,
    conflict: last.conflict,
    attempted: Boolean(last.conflict),
  };
  return items.map((other) => (other === last ? merged : other));
}

/** A time of making later than all others, for the order on disk, even where the clock was set back. */
export function nextMs(items, nowMs) {
  return items.reduce((ms, { createdMs = 0 }) => Math.max(ms, createdMs + 1), nowMs);
}

/** The first item that may be sent now: not waiting for a person, nor behind another of its epoch. */
export function nextToSend(items) {
  const blocked = new Set();
  for (const item of items) {
    if (!blocked.has(item.epoch) && !item.conflict && !item.refused) return item;
    blocked.add(item.epoch);
  }
  return null;
}

export function markAttempted(items, uuid) {
  return items.map((item) => (item.uuid === uuid ? { ...item, attempted: true } : item));
}

/** The server stored `uuid` as `version`: drop it, and let the next of that epoch build on it. */
export function acknowledge(items, uuid, version) {
  const answered = items.find((item) => item.uuid === uuid);
  if (!answered) return items;
  const next = items.find((item) => item.epoch === answered.epoch && item !== answered);
  return items
    .filter((item) => item !== answered)
    .map((item) => (item === next && item.version === null ? { ...item, version } : item));
}

/** The server holds something else: keep the newest of ours beside it until a person chooses. */
export function markConflict(items, uuid, current) {
  const epoch = items.find((item) => item.uuid === uuid)?.epoch;
  const mine = items.findLast((item) => item.epoch === epoch && !isLock(item));
  if (!mine) return items;
  const held = { ...mine, attempted: true, conflict: current, refused: null };
  return [...items.filter((item) => item.epoch !== epoch), held];
}

/**
 * The server did not store `uuid`: it waits for its correction, or steps aside where that is here already.
 * A lock of it goes: it would fix an answer that nobody gave.
 */
export function markRefused(items, uuid, detail) {
  const refused = items.find((item) => item.uuid === uuid);
  const saves = items.filter((item) => item.epoch !== refused?.epoch || !isLock(item));
  const next = saves.find((item) => item.epoch === refused?.epoch && item !== refused);
  if (!next) return saves.map((item) => (item === refused ? { ...item, refused: detail } : item));
  return saves
    .filter((item) => item !== refused)
    .map((item) =>
      item === next ? { ...item, version: refused.version, activeMs: refused.activeMs + item.activeMs } : item,
    );
}

/** "Keep mine": send ours again, on top of what the server holds, as a save of its own. */
export function keepMine(items, epoch, uuid) {
  return items.map((item) =>
    item.epoch === epoch && item.conflict
      ? { ...item, uuid, version: item.conflict.version, conflict: null, attempted: false }
      : item,
  );
}

export function dropEpoch(items, epoch) {
  return items.filter((item) => item.epoch !== epoch);
}

/** What changed between two lists, for the disk: rows to write and keys to delete. */
export function difference(before, after) {
  const kept = new Set(after.map((item) => item.uuid));
  return {
    put: after.filter((item) => !before.includes(item)),
    remove: before.filter((item) => !kept.has(item.uuid)).map((item) => item.uuid),
  };
}

// Undo and redo over the whole session: a list of changes, each with both sides.

export class UndoStack {
  #done = [];
  #undone = [];

  /** Remember a change. Typing on in the same field of the same epoch is a single change. */
  push({ epoch, before, after, field }) {
    this.#undone = [];
    const last = this.#done.at(-1);
    if (field === "rationale" && last?.field === field && last.epoch === epoch && !last.closed) last.after = after;
    else this.#done.push({ epoch, before, after, field, closed: false });
  }

  /** The next keystroke starts a change of its own. */
  close() {
    const last = this.#done.at(-1);
    if (last) last.closed = true;
  }

  undo() {
    return this.#move(this.#done, this.#undone);
  }

  redo() {
    return this.#move(this.#undone, this.#done);
  }

  #move(from, to) {
    const change = from.pop();
    if (!change) return null;
    to.push({ ...change, closed: true });
    return change;
  }
}

// Whether two values of JSON say the same. The order of keys says nothing: the database keeps an order of its own.

export function sameJson(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  );
}

/** What is kept of `content`: the fields that `empty` names, and no others; what it lacks is as in `empty`. */
export function contentOf(empty, content) {
  return Object.fromEntries(Object.entries(empty).map(([name, nothing]) => [name, content[name] ?? nothing]));
}

/** Whether `theirs` says all that `mine` says. What the server adds, such as a version, is no part of the content. */
export function sameContent(mine, theirs) {
  return Object.keys(mine).every((name) => sameJson(mine[name], theirs[name]));
}

// Time at work: what passes between two signs of life, as long as they are not too far apart.

const LONGEST_PAUSE_MS = 20_000;
const SIGNS = ["keydown", "pointermove", "pointerdown", "wheel"];

export class ActiveTime {
  #since = performance.now();
  #ms = 0;

  constructor(target) {
    for (const sign of SIGNS) target.addEventListener(sign, () => this.#count(), { passive: true, capture: true });
  }

  /** Milliseconds since the last call; the sum over all calls is the time spent. */
  takeMs() {
    this.#count();
    const taken = this.#ms;
    this.#ms = 0;
    return taken;
  }

  #count() {
    const now = performance.now();
    this.#ms += Math.min(now - this.#since, LONGEST_PAUSE_MS);
    this.#since = now;
  }
}
