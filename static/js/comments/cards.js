// How comments are shown. The words of others are only ever text.

import { dateAndTime } from "../dates.js";
import { element } from "../workbench/dom.js";

export function card({ id, author, text, at, resolved_at: resolvedAt, resolved_by: resolvedBy }) {
  return element("li", { class: "comment", "data-resolved": Boolean(resolvedAt) },
    element("p", { class: "comment__head" }, element("b", {}, author), " ", element("span", { class: "muted" }, dateAndTime(new Date(at)))),
    element("p", { class: "comment__text", dir: "auto" }, text),
    element("p", { class: "comment__foot muted" }, resolvedAt ? `resolved by ${resolvedBy} ` : "",
      element("button", { type: "button", class: "link-button", "data-resolves": id, "data-to": String(!resolvedAt) }, resolvedAt ? "open again" : "resolve")));
}

/** One of one's own that the server does not have yet. */
export function waitingCard({ text }) {
  return element("li", { class: "comment", "data-waiting": true },
    element("p", { class: "comment__text", dir: "auto" }, text),
    element("p", { class: "comment__foot muted" }, "not sent yet: it is kept in this browser and sent as soon as the server answers"));
}
