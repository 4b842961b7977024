// The list of keys, written from the key map itself.

import { element } from "./dom.js";
import { BINDINGS, keyLabel } from "./keys.js";

function row({ keys, says }) {
  const labels = keys.flatMap((key) => [element("kbd", {}, keyLabel(key)), " "]);
  return element("div", { class: "keys__row" }, element("dt", {}, ...labels), element("dd", {}, says));
}

export function fillHelp(container) {
  const groups = Map.groupBy
    ? Map.groupBy(BINDINGS, ({ group }) => group)
    : BINDINGS.reduce((map, entry) => map.set(entry.group, [...(map.get(entry.group) ?? []), entry]), new Map());
  for (const [group, bindings] of groups) {
    const rows = bindings.filter(({ says }) => says).map(row);
    container.append(element("section", {}, element("h3", {}, group), element("dl", { class: "keys" }, ...rows)));
  }
}
