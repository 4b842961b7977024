// The parts of the key dialog: which page's keys, switches of the stage keys, search, list and answers.

import { element } from "./dom.js";
import { PAGES } from "./keysets.js";

/** Keys that other programs use in ways that contradict each other: nobody has them unasked. */
const ALIASES = [["4", "stage:R"], ["5", "stage:R"], ["9", "stage:W"]];

function check(name, words) {
  return element("label", {}, element("input", { type: "checkbox", name }), ` ${words}`);
}

function alias([key, action]) {
  const words = `${key} is ${action === "stage:W" ? "Wake" : "REM"}`;
  return element("label", {}, element("input", { type: "checkbox", value: action, "data-alias": key }), ` ${words}`);
}

function pageChoice([page, words]) {
  return element("label", {}, element("input", { type: "radio", name: "page", value: page }), ` ${words}`);
}

/** The dialog, and its parts by name. */
export function buildDialog() {
  const parts = {
    pages: element("fieldset", { class: "keymap__pages" }, element("legend", { class: "visually-hidden" }, "Keys of"), ...Object.entries(PAGES).map(pageChoice)),
    shared: element("p", { class: "muted" }, "Looking at the signal, and stages, have your keys of scoring; what you change here holds here alone."),
    search: element("input", { type: "search", placeholder: "Find a command", "aria-label": "Find a command", autocomplete: "off" }),
    switches: element("div", { class: "keymap__switches" },
      element("fieldset", {}, element("legend", {}, "A stage key goes on to the next epoch"),
        check("advanceCoarse", "where only stage and rules are asked for"), check("advanceFine", "where a rationale is written"),
        check("padGoesOn", "digits of the number pad do, those of the top row stay")),
      element("fieldset", {}, element("legend", {}, "Digits as other tools have them"), ...ALIASES.map(alias))),
    list: element("div", { class: "keymap__list" }),
    status: element("p", { class: "keymap__status", role: "status" }),
    all: element("button", { type: "button", class: "button" }, "All as at first"),
  };
  const dialog = element("dialog", { class: "dialog keymap", "aria-labelledby": "keymap-title" },
    element("h2", { id: "keymap-title" }, "Your keys"),
    element("p", { class: "muted" }, "Choose a key of the list and press the new one. Your keys are the same on every machine."),
    parts.pages, parts.switches, parts.shared, parts.search, parts.list,
    element("form", { method: "dialog", class: "actions" }, parts.status, parts.all, element("button", { class: "button button--primary" }, "Close")));
  return [dialog, parts];
}
