// The rows of the key dialog: a command, its keys as buttons, and what is asked about it just now.

import { element } from "./dom.js";
import { keyLabel } from "./keynames.js";

function keyButton({ action, says }, key, state) {
  const listens = state?.action === action && state.at === "listening" && state.instead === key;
  const label = key === null ? `${says}: another key` : `${says}: ${keyLabel(key)}, change it`;
  return element("button",
    { type: "button", class: "keymap__key", "data-replaces": key ?? "", "data-more": key === null, "data-listening": listens, "aria-label": listens ? `${says}: press a key` : label },
    listens ? "press a key" : key === null ? "+" : keyLabel(key));
}

function listeningTools({ says }, { instead }) {
  if (instead === null) return [];
  const words = `take ${keyLabel(instead)} away`;
  return [element("button", { type: "button", class: "link-button", "data-do": "away", "aria-label": `${says}: ${words}` }, words)];
}

function question({ says }, { name, other }) {
  return element("p", { class: "keymap__ask", role: "alert" },
    `${keyLabel(name)} is “${other.says}”.`,
    element("button", { type: "button", class: "button", "data-do": "give" }, `Give it to “${says}”`),
    element("button", { type: "button", class: "button button--quiet", "data-do": "leave" }, `Leave it with “${other.says}”`));
}

function row(binding, map, state) {
  const { action, says } = binding;
  const keys = map.keysOf(action);
  const mine = state?.action === action ? state : null;
  return element("li", { class: "keymap__row", "data-command": action },
    element("span", { class: "keymap__says" }, says),
    element("span", { class: "keymap__keys" },
      ...(keys.length ? [] : [element("span", { class: "keymap__none" }, "no key")]),
      ...keys.map((key) => keyButton(binding, key, state)), keyButton(binding, null, state),
      ...(mine?.at === "listening" ? listeningTools(binding, mine) : [])),
    ...(map.isOwn(action) ? [element("button", { type: "button", class: "link-button muted", "data-do": "reset", "aria-label": `${says}: as at first` }, "as at first")] : []),
    ...(mine?.at === "asking" ? [question(binding, mine)] : []));
}

/** Sections of rows whose words hold `search`. */
export function keyRows(map, state, search) {
  const wanted = search.trim().toLowerCase();
  const found = map.bindings.filter(({ says, group }) => `${group} ${says}`.toLowerCase().includes(wanted));
  return [...new Set(found.map(({ group }) => group))].map((name) =>
    element("section", { "aria-label": name }, element("h3", {}, name),
      element("ul", {}, ...found.filter(({ group }) => group === name).map((binding) => row(binding, map, state)))));
}
