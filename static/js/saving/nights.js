// The signals of a night on disk, for work without a network. A person asks for them and they are that person's alone:
// they go when somebody else signs in, when nobody is signed in, and after some days (site/page.js).

import { choose, setText } from "../site/dom.js";
import { finished, kept, KEPT_NIGHTS, keptNights, keptUntil, megabytes, promised } from "./storage.js";

const DATABASE = "epochwise-nights";
const TABLE = "blocks";
const KEPT_MS = 3 * 24 * 3_600_000;
const AGAIN_MS = 5_000;
// The database takes somewhat more than what it holds.
const SPARE = 1.2;

function open() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  return promised(opening);
}

/** How keeping stands, in words for its button. */
export function keptWords({ name, done, total, size }) {
  const share = `${Math.floor((100 * done) / total)} %`;
  const says = {
    none: `keep offline, ${size}`,
    keeping: `keeping ${share}`,
    waiting: `kept ${share}, waiting for the server`,
    stopped: `kept ${share} offline`,
    full: `no room: kept ${share} offline`,
    refused: `kept ${share} offline`,
    kept: `kept offline, ${size}`,
  };
  return says[name];
}

/** The missing blocks in the order in which they will be needed: from `epoch` on, then those before it. */
export function inOrder(ranges, epoch, has) {
  const missing = ranges.filter(({ first }) => !has(first));
  const isAhead = ({ first, count }) => first + count > epoch;
  return [...missing.filter(isAhead), ...missing.filter((range) => !isAhead(range))];
}

/** Of the tabs with a night one asks the server for it; the others wait, and find what it has kept. */
function oneTabAtATime(night, work) {
  const { locks } = globalThis.navigator ?? {}; // none without https
  return locks ? locks.request(`epochwise-night/${night}`, work) : work();
}

/** The blocks of a night that this browser has. "change" events: others are here, or keeping has another state. */
export class KeptNight extends EventTarget {
  #database;
  #owner;
  #blocks;
  #fetch;
  #firsts = new Set();
  #name = "none";
  #timer = null;
  #runs = 0;

  /** `owner` is {user, recording, version}; `blocks` {ranges, bytes}; `fetch(first, count)` asks the server. */
  constructor({ database, owner, blocks, fetch }) {
    super();
    [this.#database, this.#owner, this.#blocks, this.#fetch] = [database, owner, blocks, fetch];
    // Another page deletes the database because the person has signed out, or the browser closes it by itself.
    database.onversionchange = database.onclose = () => {
      database.close();
      this.#leave();
    };
  }

  /** What is here already; blocks of other versions of the night, or of other people, are deleted. */
  async restore() {
    const keys = await promised(this.#table().getAllKeys());
    const others = keys.filter((key) => !key.startsWith(this.#prefix) && !this.#isOfOtherNight(key));
    if (others.length) await this.#write((table) => others.forEach((key) => table.delete(key)));
    this.#add(keys);
    if (!this.#firsts.size) return this;
    remember(this.#owner); // what nobody knows of would never be deleted
    this.#become(this.isWhole ? "kept" : "stopped");
    return this;
  }

  #add(keys) {
    for (const key of keys.filter((each) => each.startsWith(this.#prefix))) this.#firsts.add(Number(key.split("/")[3]));
  }

  get isWhole() {
    return this.#firsts.size === this.#blocks.ranges.length;
  }

  get state() {
    const { ranges, bytes } = this.#blocks;
    return { name: this.#name, done: this.#firsts.size, total: ranges.length, size: megabytes(bytes) };
  }

  has(first) {
    return this.#firsts.has(first);
  }

  /** The bytes of the block that begins with this epoch; null where they are not here, or cannot be read now. */
  async read(first) {
    if (!this.#firsts.has(first)) return null;
    try {
      return (await promised(this.#table().get(this.#prefix + first))) ?? null;
    } catch {
      return null;
    }
  }

  /** Keep the night, what lies ahead of `epoch` first; answers in words where it cannot begin. */
  async start(epoch) {
    clearTimeout(this.#timer);
    const run = ++this.#runs;
    const problem = await this.#problem();
    if (run !== this.#runs) return null;
    if (problem) return problem;
    if (!remember(this.#owner)) return "Not kept: this browser does not allow to store anything";
    this.#become("keeping");
    await oneTabAtATime(this.#prefix, () => this.#keepAll({ run, epoch }));
    return null;
  }

  async #keepAll({ run, epoch }) {
    if (run !== this.#runs) return;
    try {
      this.#add(await promised(this.#table().getAllKeys())); // by another tab meanwhile
    } catch (error) {
      return this.#failed(error ?? {}, epoch);
    }
    for (const range of inOrder(this.#blocks.ranges, epoch, (first) => this.has(first))) {
      if (!(await this.#keep(range, { run, epoch }))) return;
    }
    this.#become("kept");
  }

  stop() {
    clearTimeout(this.#timer);
    this.#runs += 1;
    this.#become("stopped");
  }

  /** Other tabs of the night stop as soon as it is no longer among those kept, so nothing comes after the deletion. */
  async remove() {
    this.stop();
    unlist(this.#owner);
    const keys = await promised(this.#table().getAllKeys());
    const own = keys.filter((key) => key.startsWith(this.#prefix));
    await this.#write((table) => own.forEach((key) => table.delete(key)));
    this.#leave();
    if (!keptNights(this.#owner.user).length) kept(KEPT_NIGHTS).write(null);
  }

  /** Another tab may have removed the night. */
  look() {
    if (this.#name !== "none" && !this.#isListed) this.#leave();
  }

  #leave() {
    this.stop();
    this.#firsts.clear();
    this.#become("none");
  }

  get #isListed() {
    return keptNights(this.#owner.user).includes(this.#owner.recording);
  }

  get #prefix() {
    const { user, recording, version } = this.#owner;
    return `${user}/${recording}/${version}/`;
  }

  #isOfOtherNight(key) {
    const [user, recording] = key.split("/");
    return user === this.#owner.user && recording !== this.#owner.recording;
  }

  #table(mode = "readonly") {
    return this.#database.transaction(TABLE, mode).objectStore(TABLE);
  }

  #write(work) {
    const table = this.#table("readwrite");
    work(table);
    return finished(table.transaction);
  }

  async #problem() {
    const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
    const { ranges, bytes } = this.#blocks;
    const needed = (SPARE * bytes * (ranges.length - this.#firsts.size)) / ranges.length;
    if (quota !== undefined && quota - usage < needed)
      return `Not kept: the night needs ${megabytes(needed)}, and this browser has ${megabytes(quota - usage)} left`;
    return null;
  }

  /** Whether the block is here now and the next can be fetched. */
  async #keep({ first, count }, { run, epoch }) {
    try {
      const bytes = await this.#fetch(first, count);
      this.look();
      if (run !== this.#runs) return false;
      await this.#write((table) => table.put(bytes, this.#prefix + first));
    } catch (error) {
      if (run === this.#runs) this.#failed(error ?? {}, epoch);
      return false;
    }
    if (run !== this.#runs) return false;
    this.#firsts.add(first);
    this.dispatchEvent(new Event("change"));
    return true;
  }

  #failed({ status, name }, epoch) {
    if (name === "QuotaExceededError") return this.#become("full");
    if (status === undefined) return this.#become(this.#firsts.size ? "stopped" : "none");
    if (status !== 0 && status < 500) return this.#become("refused");
    this.#become("waiting");
    this.#timer = setTimeout(() => this.start(epoch), AGAIN_MS);
  }

  #become(name) {
    this.#name = name;
    this.dispatchEvent(new Event("change"));
  }
}

/** Say for every page whose nights are kept here, and each until when; false where nothing can be stored. */
function remember({ user, recording }) {
  const text = JSON.stringify({ user, untilMs: { [recording]: Date.now() + KEPT_MS, ...keptUntil(user) } });
  kept(KEPT_NIGHTS).write(text);
  return kept(KEPT_NIGHTS).read() === text;
}

/** The entry itself stays: with nothing listed every page deletes what is left of signals. */
function unlist({ user, recording }) {
  const { [recording]: _, ...untilMs } = keptUntil(user);
  kept(KEPT_NIGHTS).write(JSON.stringify({ user, untilMs }));
}

/** The kept night behind its button, which begins, stops and removes; `epoch()` is where the person is. */
export async function openKeptNight({ button, owner, blocks, fetch, epoch, say }) {
  const night = await new KeptNight({ database: await open(), owner, blocks, fetch }).restore();
  const show = () => {
    setText(button, keptWords(night.state));
    button.dataset.state = night.state.name;
  };
  night.addEventListener("change", show);
  addEventListener("storage", ({ key }) => key === KEPT_NIGHTS && night.look());
  show();
  if (night.state.name === "stopped") night.start(epoch());
  night.press = () => pressed(night, { epoch, say });
  return night;
}

async function pressed(night, { epoch, say }) {
  const { name, size, done } = night.state;
  if (["keeping", "waiting"].includes(name)) return night.stop();
  if (!done) return begin(night, { epoch, say });
  const isWhole = name === "kept";
  const room = isWhole
    ? `The signals of this night take ${size} of this browser's storage.`
    : `A part of the signals of this night is kept. All of them take ${size} of this browser's storage.`;
  const answer = await choose({
    title: "Signals kept for work without a network",
    words: `${room} They are removed when you sign out, or after three days. Your scores are not affected.`,
    yes: "Remove signals", no: isWhole ? "Keep signals" : "Keep all signals",
  });
  if (answer === "yes") await night.remove();
  if (answer === "no" && !isWhole) await begin(night, { epoch, say });
}

async function begin(night, { epoch, say }) {
  const problem = await night.start(epoch());
  if (problem) say(problem);
  else if (night.state.name === "none") say("Signals cannot be kept now. Reload the page and try again");
}
