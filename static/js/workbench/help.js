// The list of keys, written from the key map itself.

import { element } from "./dom.js";
import { BINDINGS, keyLabel } from "./keys.js";

function row({ keys, says }) {
  const labels = keys.flatMap((key) => [element("kbd", {}, keyLabel(key)), " "]);
  return element("div", { class: "keys__row" }, element("dt", {}, ...labels), element("dd", {}, says));
}

export function fillHelp(container) {
  for (const group of new Set(BINDINGS.map((binding) => binding.group))) {
    const rows = BINDINGS.filter((binding) => binding.group === group && binding.says).map(row);
    container.append(element("section", {}, element("h3", {}, group), element("dl", { class: "keys" }, ...rows)));
  }
}
