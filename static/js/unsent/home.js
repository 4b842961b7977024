// On the home page: nights with changes of this person that this browser still keeps. A night may be out of reach by
// then, taken away or in a study that one has left, and its changes would otherwise lie there unseen.

import { element } from "../workbench/dom.js";
import { allKept, forget } from "../workbench/disk.js";
import { openUnsent } from "./dialog.js";
import { counted } from "./words.js";

const root = document.querySelector("[data-unsent]");

function card({ owner: { name, path } }, items) {
  const read = element("button", { type: "button", class: "button" }, "Read them");
  read.addEventListener("click", () => openUnsent({ night: name, items, onLetGo: () => forget(items).then(show) }));
  return element("li", { class: "card" },
    element("h3", {}, name), element("p", { class: "muted" }, `${counted(items.length)} not sent`),
    element("p", { class: "actions" }, element("a", { class: "button button--primary", href: path }, "Open it to send them"), read));
}

async function show() {
  const own = (await allKept()).filter(({ owner }) => owner && String(owner.user) === root.dataset.unsent);
  const nights = Map.groupBy(own, ({ owner }) => owner.path);
  root.hidden = nights.size === 0;
  root.querySelector("ul").replaceChildren(...[...nights.values()].map((items) => card(items[0], items)));
}

show().catch(() => (root.hidden = true)); // without a database of the browser nothing is kept there
addEventListener("focus", () => root.hidden || show());
