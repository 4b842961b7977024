// The key dialog: every command with its keys; choose a key and press the new key. Every change is in force at once.

import { actOnSecond, element, setText } from "../site/dom.js";
import { STAGES } from "../site/registries.js";
import { keyLabel, keyNames, PAGES } from "./keyboard.js";

export class KeyDialog {
  #parts;
  #dialog;
  #sets;
  #page;
  #onKeys;
  #stageKeys;
  #state = null;
  #isDrawing = false;
  #hideResetNow;

  /**
   * Opens on the keys of `page`; `stageKeys()` are the switches {advanceCoarse, advanceFine, padGoesOn};
   * `onKeys(sets)` answers in words.
   */
  constructor({ sets, page, stageKeys, onKeys, onStageKeys }) {
    this.#sets = sets;
    this.#page = page;
    this.#onKeys = onKeys;
    this.#stageKeys = stageKeys;
    [this.#dialog, this.#parts] = buildDialog();
    document.body.append(this.#dialog);
    this.#attachSwitches(onStageKeys);
    this.#parts.search.addEventListener("input", () => this.#draw());
    this.#hideResetNow = actOnSecond(this.#parts.all, this.#parts.allNow, () => this.#resetAll());
    this.#parts.pages.addEventListener("change", ({ target }) => this.#turnTo(target.value));
    const { list } = this.#parts;
    list.addEventListener("click", (event) => this.#onClick(event));
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("focusout", (event) => this.#onFocusOut(event));
    this.#dialog.addEventListener("close", () => this.#become(null));
  }

  open() {
    this.#parts.search.value = "";
    for (const box of this.#parts.switches.querySelectorAll("[name]")) box.checked = this.#stageKeys()[box.name];
    this.#turnTo(this.#page);
    this.#dialog.showModal();
    this.#parts.search.focus();
  }

  get #map() {
    return this.#sets[this.#page];
  }

  #turnTo(page) {
    this.#page = page;
    for (const choice of this.#parts.pages.querySelectorAll("input")) choice.checked = choice.value === page;
    this.#parts.switches.hidden = page !== "workbench";
    this.#parts.shared.hidden = page === "workbench";
    setText(this.#parts.status, "");
    this.#hideResetNow();
    this.#become(null);
  }

  #attachSwitches(onStageKeys) {
    this.#parts.switches.addEventListener("change", ({ target }) => {
      if (target.dataset.alias) this.#putAlias(target.dataset.alias, target.value, target.checked);
      else onStageKeys({ [target.name]: target.checked });
    });
  }

  #putAlias(key, action, isWanted) {
    const had = this.#map.commandOf([key]);
    const map = isWanted ? this.#map.given(action, key) : this.#map.without(action, key);
    this.#put(map, had && isWanted ? `${key} was used for “${had.says}” until now.` : "");
  }

  #draw(focused = null) {
    this.#isDrawing = true;
    const { list, search } = this.#parts;
    const { scrollTop } = list;
    list.replaceChildren(...keyRows(this.#map, this.#state, search.value));
    list.scrollTop = scrollTop;
    for (const box of this.#parts.switches.querySelectorAll("[data-alias]")) {
      box.checked = this.#map.keysOf(box.value).includes(box.dataset.alias);
    }
    this.#isDrawing = false;
    if (focused) this.#dialog.querySelector(focused)?.focus();
  }

  #become(state, focused) {
    this.#state = state;
    this.#draw(focused);
  }

  async #put(map, words, focused) {
    this.#sets = this.#sets.with(this.#page, map);
    this.#become(null, focused);
    setText(this.#parts.status, words);
    const kept = await this.#onKeys(this.#sets);
    setText(this.#parts.status, [words, kept].filter(Boolean).join(" "));
  }

  #onClick({ target }) {
    const row = target.closest("[data-command]");
    const action = row?.dataset.command;
    if (target.dataset.replaces !== undefined) return this.#listen(action, target.dataset.replaces || null);
    const { instead, name } = this.#state ?? {};
    const verbs = {
      reset: () => this.#reset(action),
      away: () => this.#put(this.#map.without(action, instead), "", keyOf(action)),
      give: () => this.#give(action, name, instead),
      leave: () => this.#become(null, keyOf(action, instead)),
    };
    verbs[target.dataset.do]?.();
  }

  #listen(action, instead) {
    this.#become({ at: "listening", action, instead }, "[data-listening]");
    setText(this.#parts.status, "Press the new key, or Esc to cancel.");
  }

  #onKey(event) {
    if (this.#state?.at !== "listening" || !event.target.matches("[data-listening]") || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    const { action, instead } = this.#state;
    if (event.key === "Escape") return this.#stop(keyOf(action, instead));
    const { names, refused } = captured(event) ?? {};
    if (refused) setText(this.#parts.status, refused);
    if (names) this.#take(action, names, instead);
  }

  #take(action, names, instead) {
    const other = this.#map.commandOf(names);
    const [name] = names;
    const meaning = this.#sets.otherMeaning(this.#page, action, name);
    if (meaning) return setText(this.#parts.status, harmful(name, meaning));
    if (!other || other.action === action) return this.#give(action, name, instead);
    this.#become({ at: "asking", action, instead, name, other }, "[data-do=give]");
    setText(this.#parts.status, "");
  }

  #give(action, name, instead) {
    const robbed = this.#map.commandOf([name]);
    const map = this.#map.given(action, name, instead);
    const left = robbed && robbed.action !== action && !map.keysOf(robbed.action).length;
    this.#put(map, left ? `“${robbed.says}” has no key now. Choose a new key for it.` : "", keyOf(action, name));
  }

  #resetAll() {
    const map = this.#map.fresh();
    const without = map.keyless.map(({ says }) => `“${says}”`);
    const words = `All keys of ${PAGES[this.#page].toLowerCase()} are reset.`;
    // A key that another page uses for something that could do harm here is given to nothing.
    return this.#put(map, without.length ? `${words} Without a key: ${without.join(", ")}. Choose one.` : words);
  }

  #reset(action) {
    const map = this.#map.reset(action);
    const missing = map.missing(action).map((key) => {
      const { says } = map.commandOf([key]) ?? this.#sets.otherMeaning(this.#page, action, key);
      return `${keyLabel(key)} is still used for “${says}”.`;
    });
    this.#put(map, missing.join(" "), keyOf(action));
  }

  #stop(focused) {
    this.#become(null, focused);
    setText(this.#parts.status, "");
  }

  /** Away from the row: nothing is waited for any more. */
  #onFocusOut({ relatedTarget }) {
    if (this.#isDrawing || this.#state?.at !== "listening") return;
    const row = this.#parts.list.querySelector(`[data-command="${this.#state.action}"]`);
    if (!row?.contains(relatedTarget)) this.#stop();
  }
}

/** A key that submits or locks must not move or change anything elsewhere: it would be pressed by habit. */
function harmful(name, { says }) {
  return `${keyLabel(name)} is “${says}” on another page or in a text field. A key that submits or locks can have no`
    + " other meaning. Choose another key.";
}

function keyOf(action, key = null) {
  const button = key === null ? "[data-replaces]" : `[data-replaces="${CSS.escape(key)}"]`;
  return `[data-command="${action}"] ${button}`;
}

// The parts of the key dialog: which page's keys, switches of the stage keys, search, list and answers.

/** Keys that other programs use in ways that contradict each other: nobody has them unasked. */
const ALIASES = [["4", "stage:R"], ["5", "stage:R"], ["9", "stage:W"]];

function check(name, words) {
  return element("label", {}, element("input", { type: "checkbox", name }), ` ${words}`);
}

function alias([key, action]) {
  const words = `${key} is ${STAGES.find(({ id }) => action === `stage:${id}`).label}`;
  return element("label", {}, element("input", { type: "checkbox", value: action, "data-alias": key }), ` ${words}`);
}

function pageChoice([page, words]) {
  return element("label", {}, element("input", { type: "radio", name: "page", value: page }), ` ${words}`);
}

/** The dialog, and its parts by name. */
function buildDialog() {
  const parts = {
    pages: element("fieldset", { class: "keymap__pages" },
      element("legend", { class: "visually-hidden" }, "Keys of"), ...Object.entries(PAGES).map(pageChoice)),
    shared: element("p", { class: "muted" },
      "Keys for stages and display are the same as on the scoring page. Changes here apply to this page only."),
    search: element("input", {
      type: "search", placeholder: "Find a command", "aria-label": "Find a command", autocomplete: "off",
    }),
    switches: element("div", { class: "keymap__switches" },
      element("fieldset", {},
        element("legend", {}, "A stage key moves to the next epoch"),
        check("advanceCoarse", "on the coarse track (stage and rules)"),
        check("advanceFine", "on the fine track (with rationale)"),
        check("padGoesOn", "number pad digits move to the next epoch, top row digits do not")),
      element("fieldset", {}, element("legend", {}, "Digits as in other tools"), ...ALIASES.map(alias))),
    list: element("div", { class: "keymap__list" }),
    status: element("p", { class: "keymap__status", role: "status" }),
    all: element("button", { type: "button", class: "button" }, "Reset all keys …"),
    allNow: element("button", { type: "button", class: "button button--danger" }, "Reset my keys of this page"),
  };
  const dialog = element("dialog", { class: "dialog keymap", "aria-labelledby": "keymap-title" },
    element("h2", { id: "keymap-title" }, "Your keys"),
    element("p", { class: "muted" },
      "Choose a key in the list and press the new key. Your keys are the same on every computer."),
    parts.pages, parts.switches, parts.shared, parts.search, parts.list,
    element("form", { method: "dialog", class: "actions" },
      parts.status, parts.all, parts.allNow, element("button", { class: "button button--primary" }, "Close")),
  );
  return [dialog, parts];
}

// The rows of the key dialog: a command, its keys as buttons, and a question about it where needed.

function keyButton({ action, says }, key, state) {
  const listens = state?.action === action && state.at === "listening" && state.instead === key;
  const label = key === null ? `${says}: add a key` : `${says}: change ${keyLabel(key)}`;
  return element("button",
    {
      type: "button", class: "keymap__key", "data-replaces": key ?? "", "data-more": key === null,
      "data-listening": listens, "aria-label": listens ? `${says}: press a key` : label,
    },
    listens ? "press a key" : key === null ? "+" : keyLabel(key));
}

function listeningTools({ says }, { instead }) {
  if (instead === null) return [];
  const words = `remove ${keyLabel(instead)}`;
  const attributes = { type: "button", class: "link-button", "data-do": "away", "aria-label": `${says}: ${words}` };
  return [element("button", attributes, words)];
}

function question({ says }, { name, other }) {
  return element("p", { class: "keymap__ask", role: "alert" },
    `${keyLabel(name)} is “${other.says}”.`,
    element("button", { type: "button", class: "button", "data-do": "give" }, `Use for “${says}”`),
    element("button", { type: "button", class: "button button--quiet", "data-do": "leave" },
      `Keep for “${other.says}”`),
  );
}

function resetButton(says) {
  const attributes = { class: "link-button muted", "data-do": "reset", "aria-label": `${says}: reset` };
  return element("button", { type: "button", ...attributes }, "reset");
}

function commandRow(binding, map, state) {
  const { action, says } = binding;
  const keys = map.keysOf(action);
  const mine = state?.action === action ? state : null;
  return element("li", { class: "keymap__row", "data-command": action },
    element("span", { class: "keymap__says" }, says),
    element("span", { class: "keymap__keys" },
      ...(keys.length ? [] : [element("span", { class: "keymap__none" }, "no key")]),
      ...keys.map((key) => keyButton(binding, key, state)),
      keyButton(binding, null, state),
      ...(mine?.at === "listening" ? listeningTools(binding, mine) : []),
    ),
    ...(map.isOwn(action) ? [resetButton(says)] : []),
    ...(mine?.at === "asking" ? [question(binding, mine)] : []),
  );
}

/** Sections of rows whose words hold `search`. */
function keyRows(map, state, search) {
  const wanted = search.trim().toLowerCase();
  const matches = map.bindings.filter(({ says, group }) => `${group} ${says}`.toLowerCase().includes(wanted));
  return [...new Set(matches.map(({ group }) => group))].map((name) =>
    element("section", { "aria-label": name }, element("h3", {}, name),
      element("ul", {},
        ...matches.filter(({ group }) => group === name).map((binding) => commandRow(binding, map, state)))),
  );
}

// A key pressed to be given to a command: its names, or in words why it cannot be given.

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]);
const BROWSERS = /^((Ctrl\+(Shift\+)?[TNWQRLKJPI0-9])|((Ctrl\+)?(Shift\+)?F\d+)|ContextMenu|PrintScreen)$/;

/** {names}, {refused}, or null where only a modifier went down. */
export function captured(event) {
  if (MODIFIERS.has(event.key)) return null;
  if (event.altKey) return { refused: "Keys with Alt are reserved for the browser. Choose another key." };
  const names = keyNames(event);
  if (!names.length) return { refused: "This key cannot be used. Choose another key." };
  if (BROWSERS.test(names[0]))
    return { refused: `${keyLabel(names[0])} is reserved for the browser. Choose another key.` };
  return { names };
}
