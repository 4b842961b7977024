// Keys: what a key is called, which command it has for this person, and the handler that hears it.

import { adjudicationBindings, BINDINGS, doesOf, FIXED, ratingBindings } from "./tables.js";

// What a key is called. Letters and signs go by what the cap says (event.key), so Z is undo wherever Z lies.
// Digits of the top row go by place (event.code): a French keyboard types them with Shift only, and a scorer
// means the key. Keyboards without Latin letters, and umlauts in the place of a sign, fall back on the place.

const CAPS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del", Escape: "Esc" };
const PLACES = {
  Semicolon: ";",
  Comma: ",",
  Period: ".",
  Slash: "/",
  Minus: "-",
  Equal: "=",
  Quote: "'",
  BracketLeft: "[",
  BracketRight: "]",
};
const NO_NAMES = new Set([
  "Dead", "Process", "Unidentified", "Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock",
]);

const isLetter = (key) => /^\p{L}$/u.test(key);
const isAscii = (key) => /^[\x20-\x7e]+$/.test(key);

/** Every name of a key event, the best first: modifiers before the key, letters in capitals, signs without shift. */
export function keyNames({ key, code = "", ctrlKey, metaKey, shiftKey }) {
  const ctrl = ctrlKey || metaKey ? "Ctrl+" : "";
  const shifted = `${ctrl}${shiftKey ? "Shift+" : ""}`;
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const place = PLACES[code] ?? /^Key([A-Z])$/.exec(code)?.[1];
  const byKey = NO_NAMES.has(key) ? [] : [nameByKey(key, ctrl, shifted)];
  if (digit === key) return [shifted + digit];
  if (digit) return shiftKey ? [...byKey, shifted + digit] : [ctrl + digit, ...byKey];
  return place && !isAscii(key) ? [...byKey, shifted + place] : byKey;
}

function nameByKey(key, ctrl, shifted) {
  if (key === " ") return `${shifted}Space`;
  if (isLetter(key)) return shifted + key.toUpperCase();
  return (key.length > 1 ? shifted : ctrl) + key;
}

/** The digit or letter meant, whatever is held down with it; "" for any other key. */
export function plainKey(event) {
  return (
    keyNames(event)
      .map((name) => name.replace(/^(Ctrl\+|Shift\+)+(?=.)/, ""))
      .find((name) => /^[0-9A-Z]$/.test(name)) ?? ""
  );
}

/** A name as it is written on the page: "Shift+ArrowLeft" is "Shift ←". */
export function keyLabel(name) {
  const [, modifiers, key] = /^((?:Ctrl\+|Shift\+)*)(.+)$/.exec(name);
  return `${modifiers.replaceAll("+", " ")}${CAPS[key] ?? key}`;
}

// The keys in force: those of the table, with what a person changed. `own` holds only the changed commands,
// {action: [names]}; a key that a person gave to a command belongs to no other, also where the table says so.

const MOST_KEYS = 8;
const fixes = (binding) => doesOf(binding) === "fixes";
// Keys that move on every page, and those of boxes and dialogs.
const MOVING = new Set([...BINDINGS.filter((one) => doesOf(one) === "moves"), ...FIXED].flatMap(({ keys }) => keys));

/** What was kept, without what is no command of `actions` or no list of keys; no key that moves fixes anything. */
function soundKeys(kept, actions) {
  const isName = (name) => typeof name === "string" && name.length > 0 && name.length < 24;
  const isHarmless = (action) => (name) => !(fixes(actions.get(action)) && MOVING.has(name));
  const fits = ([action, names]) =>
    actions.has(action) && Array.isArray(names) && names.length <= MOST_KEYS && names.every(isName) &&
    names.every(isHarmless(action));
  return Object.fromEntries(Object.entries(kept ?? {}).filter(fits));
}

export class KeyMap {
  #byKey = new Map();
  #byAction;
  #actions;
  #isHarmful;

  /**
   * `bindings` is the table of the page's commands; the first that asks for a key has it. A key of which
   * `isHarmful(key)` belongs to no command that fixes something.
   */
  constructor(kept = {}, bindings = BINDINGS, isHarmful = () => false) {
    this.bindings = bindings;
    this.#isHarmful = isHarmful;
    this.#actions = new Map(bindings.map((binding) => [binding.action, binding]));
    this.#byAction = new Map(bindings.map(({ action }) => [action, []]));
    this.own = soundKeys(kept, this.#actions);
    for (const [action, names] of Object.entries(this.own)) this.#claim(action, names);
    for (const { action, keys } of bindings) if (!this.isOwn(action)) this.#claim(action, keys);
  }

  #claim(action, names) {
    const mayHave = (name) => !(fixes(this.#actions.get(action)) && this.#isHarmful(name));
    for (const name of names.filter(mayHave)) {
      if (this.#byKey.has(name)) continue;
      this.#byKey.set(name, action);
      this.#byAction.get(action).push(name);
    }
  }

  keysOf(action) {
    return this.#byAction.get(action) ?? [];
  }

  isOwn(action) {
    return action in this.own;
  }

  /** The command that has any of these keys, or null. */
  commandOf(names) {
    const name = names.find((each) => this.#byKey.has(each));
    return name === undefined ? null : this.#actions.get(this.#byKey.get(name));
  }

  /** Keys of the table that the command has not. */
  missing(action) {
    return this.#actions.get(action).keys.filter((key) => !this.keysOf(action).includes(key));
  }

  /**
   * What a key event asks for, or null.
   * Shift with a stage key that has no command of its own does the other of going on and staying.
   */
  actionFor(event) {
    if (event.altKey || event.isComposing) return null;
    const names = keyNames(event);
    const plain = this.commandOf(names);
    if (plain) return { action: plain.action, other: false };
    if (!event.shiftKey || event.ctrlKey || event.metaKey) return null;
    const unshifted = this.commandOf(names.map((name) => name.replace(/^Shift\+(?=.)/, "")));
    return unshifted?.action.startsWith("stage:") ? { action: unshifted.action, other: true } : null;
  }

  /** The map with the key given to the command, in the place of `instead` or beside its others, and to no other. */
  given(action, name, instead = null) {
    const keys = this.keysOf(action).filter((key) => key !== name);
    const place = keys.indexOf(instead);
    if (place < 0) keys.push(name);
    else keys[place] = name;
    const others = Object.entries(this.own).map(([other, has]) => [other, has.filter((key) => key !== name)]);
    return this.#with({ ...Object.fromEntries(others), [action]: keys });
  }

  without(action, name) {
    return this.#with({ ...this.own, [action]: this.keysOf(action).filter((key) => key !== name) });
  }

  /** The command as in the table again, but for keys that were given to another. */
  reset(action) {
    const { [action]: _, ...others } = this.own;
    return this.#with(others);
  }

  /** The table again, without anything of this person. */
  fresh() {
    return this.#with({});
  }

  /** The commands that have a key in the table and none here. */
  get keyless() {
    return this.bindings.filter(({ action, keys }) => keys.length && !this.keysOf(action).length);
  }

  /** Whether a key held down goes on acting: moving does, staging a whole night by accident does not. */
  mayRepeat(action) {
    return this.#actions.get(action)?.repeats === true;
  }

  /** The map without the harmful keys of commands that fix something; they stay among what was changed. */
  withoutHarm(isHarmful) {
    return new KeyMap(this.own, this.bindings, isHarmful);
  }

  #with(own) {
    return new KeyMap(own, this.bindings, this.#isHarmful);
  }
}

// The keys of a person on every page that has some: a map for each page, kept together as {action: [names]}, with the
// page before the actions of all pages but the workbench's own: "rating/comment". What a page shares with the workbench
// has its keys until it is given others.

/** Every page with keys of its own, and what it is called. */
export const PAGES = { workbench: "Scoring", rating: "Rating", adjudication: "Adjudication" };
const SHARING = { rating: ratingBindings, adjudication: adjudicationBindings };

/** The map of each page by itself: a key may fix something on one page and do something else on another. */
function mapsOf(kept) {
  const workbench = new KeyMap(kept);
  const sharing = Object.entries(SHARING)
    .map(([page, bindingsFor]) => [page, new KeyMap(within(kept, page), bindingsFor(workbench))]);
  return { workbench, ...Object.fromEntries(sharing) };
}

/** The commands that the key has on other pages. */
function elsewhere(maps, page, name) {
  return Object.keys(PAGES).filter((other) => other !== page).map((other) => maps[other].commandOf([name]))
    .filter(Boolean);
}

export class KeySets {
  /** Also of what was kept from before, and of the tables again, no key fixes something here and moves there. */
  constructor(kept) {
    const maps = mapsOf(kept);
    for (const page of Object.keys(PAGES)) {
      this[page] = maps[page].withoutHarm((name) => elsewhere(maps, page, name).some((other) => !fixes(other)));
    }
  }

  /** All that was changed, as it is kept. */
  get own() {
    const named = Object.keys(SHARING).flatMap((page) =>
      Object.entries(this[page].own).map(([action, keys]) => [`${page}/${action}`, keys]),
    );
    return { ...this.workbench.own, ...Object.fromEntries(named) };
  }

  /** The command that forbids to give the key to this command of the page: one fixes something, the other does not. */
  otherMeaning(page, action, name) {
    const own = this[page].bindings.find((binding) => binding.action === action);
    const maps = mapsOf(this.with(page, this[page].given(action, name)).own);
    const always = [...FIXED, ...(fixes(own) ? BINDINGS.filter((one) => doesOf(one) === "moves") : [])];
    return [...always.filter(({ keys }) => keys.includes(name)), ...elsewhere(maps, page, name)]
      .find((other) => fixes(other) !== fixes(own)) ?? null;
  }

  /** The sets with another map of a page. */
  with(page, map) {
    const sets = Object.assign(Object.create(KeySets.prototype), this, { [page]: map });
    return new KeySets(sets.own);
  }
}

function within(kept, page) {
  const prefix = `${page}/`;
  const entries = Object.entries(kept ?? {}).filter(([action]) => action.startsWith(prefix));
  return Object.fromEntries(entries.map(([action, keys]) => [action.slice(prefix.length), keys]));
}

// From key events to commands: dead in text boxes and under dialogs, alive without a click.
// After the chord key two more keys name a rule.

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]);

/**
 * "command" events {action, other, from}: a command, whether Shift asks for the other way of its key, and which digits
 * it was; "chord" events {typed}: the keys typed after the chord key, null when that ends; "rule" events {typed}.
 */
export class Keyboard extends EventTarget {
  #chord = null;

  constructor({ keys }) {
    super();
    this.keys = keys;
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  beginChord() {
    this.#setChord("");
  }

  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (isIn(event, "input, textarea, select, [contenteditable]")) return;
    if (this.#chord !== null) return this.#onChordKey(event);
    // A focused button or link keeps its own Enter and Space.
    const presses = ["Enter", " "].includes(event.key) && !event.ctrlKey && !event.metaKey;
    if (presses && isIn(event, "button, a, summary")) return;
    const command = this.keys.actionFor(event);
    if (!command) return;
    event.preventDefault();
    if (!event.repeat || this.keys.mayRepeat(command.action)) this.#emit("command", { ...command, from: rowOf(event) });
  }

  #onChordKey(event) {
    if (MODIFIERS.has(event.key)) return;
    event.preventDefault();
    const key = plainKey(event);
    const keys = key && this.#chord + key;
    if (keys.length === 1) return this.#setChord(keys);
    this.#setChord(null);
    if (keys) this.#emit("rule", { typed: keys });
  }

  #setChord(keys) {
    this.#chord = keys;
    this.#emit("chord", { typed: keys });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Whether a key went to such an element. An element of a dialog just closed keeps the focus until the next frame. */
function isIn({ target }, selector) {
  return target.closest(selector)?.checkVisibility() ?? false;
}

/** Which digits were pressed: those of the number pad, of the top row, or none. */
function rowOf({ code = "" }) {
  if (/^Numpad\d$/.test(code)) return "pad";
  return /^Digit\d$/.test(code) ? "row" : "";
}
