// The keys in force: those of the table, with what a person changed. `own` holds only the changed commands,
// {action: [names]}; a key that a person gave to one command is no other's, also where the table says so.

import { BINDINGS } from "./keys.js";
import { keyNames } from "./keynames.js";

const MOST_KEYS = 8;

/** What was kept, without what is no command of `actions` or no list of keys. */
function soundKeys(kept, actions) {
  const isName = (name) => typeof name === "string" && name.length > 0 && name.length < 24;
  const fits = ([action, names]) => actions.has(action) && Array.isArray(names) && names.length <= MOST_KEYS && names.every(isName);
  return Object.fromEntries(Object.entries(kept ?? {}).filter(fits));
}

export class KeyMap {
  #byKey = new Map();
  #byAction;
  #actions;

  /** `bindings` is the table of the page's commands; the first that asks for a key has it. */
  constructor(kept = {}, bindings = BINDINGS) {
    this.bindings = bindings;
    this.#actions = new Map(bindings.map((binding) => [binding.action, binding]));
    this.#byAction = new Map(bindings.map(({ action }) => [action, []]));
    this.own = soundKeys(kept, this.#actions);
    for (const [action, names] of Object.entries(this.own)) this.#claim(action, names);
    for (const { action, keys } of bindings) if (!this.isOwn(action)) this.#claim(action, keys);
  }

  #claim(action, names) {
    for (const name of names) {
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

  /** The command that has one of these keys, or null. */
  commandOf(names) {
    const name = names.find((one) => this.#byKey.has(one));
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

  /** Whether a key held down goes on acting: moving does, staging a whole night by accident does not. */
  mayRepeat(action) {
    return this.#actions.get(action)?.repeats === true;
  }

  #with(own) {
    return new KeyMap(own, this.bindings);
  }
}
