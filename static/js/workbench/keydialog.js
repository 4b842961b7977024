// The key dialog: every command with its keys; press one, press the new one. Every change is in force at once.

import { setText } from "./dom.js";
import { captured } from "./keycapture.js";
import { buildDialog } from "./keydialogparts.js";
import { keyLabel } from "./keynames.js";
import { keyRows } from "./keyrows.js";
import { PAGES } from "./keysets.js";

export class KeyDialog {
  #parts;
  #dialog;
  #sets;
  #page;
  #onKeys;
  #stageKeys;
  #state = null;
  #isDrawing = false;

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
    this.#parts.all.addEventListener("click", () => this.#put(this.#map.fresh(), `All keys of ${PAGES[this.#page].toLowerCase()} are as at first.`));
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
    this.#put(map, had && isWanted ? `${key} was “${had.says}” until now.` : "");
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
    setText(this.#parts.status, "Press the new key; Esc leaves it as it is.");
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
    if (!other || other.action === action) return this.#give(action, name, instead);
    this.#become({ at: "asking", action, instead, name, other }, "[data-do=give]");
    setText(this.#parts.status, "");
  }

  #give(action, name, instead) {
    const robbed = this.#map.commandOf([name]);
    const map = this.#map.given(action, name, instead);
    const left = robbed && robbed.action !== action && !map.keysOf(robbed.action).length;
    this.#put(map, left ? `“${robbed.says}” has no key now.` : "", keyOf(action, name));
  }

  #reset(action) {
    const map = this.#map.reset(action);
    const missing = map.missing(action).map((key) => `${keyLabel(key)} stays with “${map.commandOf([key]).says}”.`);
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

function keyOf(action, key = null) {
  const button = key === null ? "[data-replaces]" : `[data-replaces="${CSS.escape(key)}"]`;
  return `[data-command="${action}"] ${button}`;
}
