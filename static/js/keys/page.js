// The keys of the person on a page: fetched with it, written in the help and on its buttons, changed in a dialog.

import { element } from "../site/dom.js";
import { KeyDialog } from "./dialog.js";
import { keyLabel, KeySets } from "./keyboard.js";
import { BINDINGS, FIXED, HELP_FROM_OTHERS } from "./tables.js";

/** The keys kept on the server; null where it did not tell them. */
export async function loadKeys(api) {
  try {
    return new KeySets(await api.preferences("keys"));
  } catch (error) {
    if (!("status" in error)) throw error;
    return null;
  }
}

async function keepKeys(api, sets) {
  try {
    await api.keepPreferences("keys", sets.own);
    return "Saved.";
  } catch (error) {
    if (!("status" in error)) throw error;
    return `Not saved. The keys apply until you leave this page. ${error.message}`;
  }
}

const NOT_FETCHED = "Your saved keys could not be loaded. These keys apply until you leave this page.";

/** What keeps changed keys, and answers in words; keys that could not be read are not written over. */
export function keeperOf(api, kept) {
  return async (sets) => (kept ? keepKeys(api, sets) : NOT_FETCHED);
}

/**
 * The dialog on a page with keys of its own: what is changed there is put in force at once. `kept` is what loadKeys()
 * gave; returns what opens the dialog.
 */
export function attachKeyDialog({ parts, api, kept, page, putInForce, stageKeys, onStageKeys }) {
  const sets = kept ?? new KeySets();
  const keep = keeperOf(api, kept);
  const dialog = new KeyDialog({
    sets, page, stageKeys, onStageKeys,
    onKeys: (changed) => {
      putInForce(changed);
      return keep(changed);
    },
  });
  parts.helpChange.addEventListener("click", () => {
    parts.help.close();
    dialog.open();
  });
  putInForce(sets);
  return () => dialog.open();
}

// The list of keys, as this person has them. A scoring that offers no help does not speak of any.

function row({ keys, says, how }) {
  const labels = keys.flatMap((key) => [element("kbd", {}, keyLabel(key)), " "]);
  const words = how ? [says, element("span", { class: "muted" }, `: ${how}`)] : [says];
  return element("div", { class: "keys__row" },
    element("dt", {}, ...(keys.length ? labels : [element("span", { class: "muted" }, "no key")])),
    element("dd", {}, ...words));
}

export function fillHelp(container, keyMap, { hasHelp }) {
  const bindings = BINDINGS.filter(({ group }) => hasHelp || group !== HELP_FROM_OTHERS);
  showKeys(container, [...bindings.map((binding) => ({ ...binding, keys: keyMap.keysOf(binding.action) })), ...FIXED]);
}

/** Rows of {group, keys, says, how}, in groups. */
export function showKeys(container, rows) {
  const section = (name) => element("section", {}, element("h3", {}, name),
    element("dl", { class: "keys" }, ...rows.filter(({ group }) => group === name).map(row)));
  container.replaceChildren(...[...new Set(rows.map(({ group }) => group))].map(section));
}

// Keys written on the page itself: <kbd data-key="stage:N1"> and the titles of buttons, in the keys of this person.

const SAYS = new WeakMap();

export function showKeyHints(root, keyMap) {
  for (const kbd of root.querySelectorAll("kbd[data-key]")) {
    const [first] = keyMap.keysOf(kbd.dataset.key);
    const label = first ? keyLabel(first) : "";
    kbd.textContent = label;
    // A button whose name is its key says it once.
    kbd.hidden = !label || label === kbd.dataset.plain;
  }
  for (const node of root.querySelectorAll("[title]:is([data-act], [data-hint])")) showTitle(node, keyMap);
}

function showTitle(node, keyMap) {
  if (!SAYS.has(node)) SAYS.set(node, node.title);
  const actions = (node.dataset.hint ?? node.dataset.act).split(" ");
  const labels = actions.map((action) => keyMap.keysOf(action)[0]).filter(Boolean).map(keyLabel);
  node.title = SAYS.get(node) + (labels.length ? ` (${labels.join(", ")})` : "");
}
