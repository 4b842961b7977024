// The list of keys, as this person has them. A scoring that offers no help does not speak of any.

import { element } from "./dom.js";
import { BINDINGS, FIXED, HELP_FROM_OTHERS } from "./keys.js";
import { keyLabel } from "./keynames.js";

function row({ keys, says, how }) {
  const labels = keys.flatMap((key) => [element("kbd", {}, keyLabel(key)), " "]);
  const words = how ? [says, element("span", { class: "muted" }, `: ${how}`)] : [says];
  return element("div", { class: "keys__row" },
    element("dt", {}, ...(keys.length ? labels : [element("span", { class: "muted" }, "no key")])), element("dd", {}, ...words));
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
