// Keys written on the page itself: <kbd data-key="stage:N1"> and the titles of buttons, in the keys of this person.

import { keyLabel } from "./keynames.js";

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
