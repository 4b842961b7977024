// On the home page: nights and rating studies with changes of this person that this browser still keeps. They may be
// out of reach by then, withdrawn, closed, or in a study that the person has left, and would otherwise stay unseen.

import { counted, openUnsent, since } from "../saving/notices.js";
import { forgetKept, keptOf } from "../saving/storage.js";
import { element } from "../site/dom.js";

const root = document.querySelector("[data-unsent]");

function card({ owner: { name, path } }, items) {
  const read = element("button", { type: "button", class: "button" }, "View changes");
  read.addEventListener("click", () => openUnsent({ night: name, items, onLetGo: () => forgetKept(items).then(show) }));
  return element("li", { class: "card" },
    element("h3", {}, name), element("p", { class: "muted" }, `${counted(items.length)} not sent, ${since(items)}`),
    element("p", { class: "actions" },
      element("a", { class: "button button--primary", href: path }, "Open page to send"), read));
}

async function show() {
  const nights = Map.groupBy(await keptOf(root.dataset.unsent), ({ owner }) => owner.path);
  root.hidden = nights.size === 0;
  root.querySelector("ul").replaceChildren(...[...nights.values()].map((items) => card(items[0], items)));
}

show();
addEventListener("focus", () => root.hidden || show());
