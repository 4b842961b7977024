// The nights of a queue as rows; the details of one lie in a row below it. Unchanged rows are left alone.

import { element, setText } from "../site/dom.js";
import { isDone } from "./night.js";
import { clock, count, duration, fileName } from "./words.js";

const BADGES = {
  ready: "badge--accent",
  questions: "badge--warning",
  refused: "badge--danger",
  failed: "badge--danger",
};
const EDITABLE = [
  ["subject", "Subject", { maxlength: 60, pattern: "[\\w.\\-]+" }],
  ["number", "Night", { inputmode: "numeric", maxlength: 4 }],
  ["name", "Name", { maxlength: 80 }],
];

export class NightTable {
  #body;
  #details;
  #edit;
  #rows = new Map();
  #opened = null;
  #hasOpened = false;

  /** `details(night)` gives the content of an opened row; `edit(night, body)` saves a box. */
  constructor({ body, details, edit }) {
    this.#body = body;
    this.#details = details;
    this.#edit = edit;
  }

  show(nights) {
    const focused = this.#body.contains(document.activeElement) ? document.activeElement : null;
    const place = [...this.#body.children].indexOf(focused?.closest("tr"));
    const ids = new Set(nights.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    nights.forEach((night, index) => {
      const row = this.#rows.get(night.id) ?? this.#made(night);
      row.update(night);
      if (this.#body.children[2 * index] !== row.node)
        this.#body.insertBefore(row.node, this.#body.children[2 * index] ?? null);
      if (row.node.nextElementSibling !== row.below) row.node.after(row.below);
    });
    if (focused && !this.#body.contains(document.activeElement)) this.#focusAgain(focused, place);
  }

  /** A row that moves, and one that goes to another page, takes the focus with it. */
  #focusAgain(focused, place) {
    if (focused.isConnected) focused.focus();
    else if (this.#body.rows.length)
      this.#body.rows[Math.min(place, this.#body.rows.length - 1)].querySelector("button").focus();
  }

  /** Open the first night with a question, once: what a person closes stays closed. */
  openFirst(nights) {
    const asked = nights.find(({ state }) => state === "questions");
    if (!asked || this.#hasOpened) return;
    if (!this.#opened) this.#toggle(asked.id);
    this.#hasOpened = true;
  }

  #made(night) {
    const row = new NightRow({
      night,
      edit: (body) => this.#edit(this.#rows.get(night.id).night, body),
      details: this.#details,
      toggle: () => this.#toggle(night.id),
    });
    this.#rows.set(night.id, row);
    return row;
  }

  #toggle(id) {
    if (this.#opened && this.#opened !== id) this.#rows.get(this.#opened)?.close();
    const row = this.#rows.get(id);
    if (row.isOpen) row.close();
    else row.open();
    this.#opened = row.isOpen ? id : null;
  }
}

class NightRow {
  #cells = {};
  #inputs = {};
  #details;
  #shown = "";
  #drawn = "";

  constructor({ night, edit, details, toggle }) {
    this.night = night;
    this.#details = details;
    const boxes = EDITABLE.map(([key, label, attributes]) => this.#box(key, label, attributes, edit));
    for (const key of ["file", "time", "channels", "questions", "state"])
      this.#cells[key] = element("td", { "data-cell": key });
    this.button = element("button", { type: "button", class: "button", "aria-expanded": "false" }, "Details");
    this.button.addEventListener("click", toggle);
    this.node = element(
      "tr",
      { "data-night": night.id },
      ...boxes,
      ...Object.values(this.#cells),
      element("td", {}, this.button),
    );
    this.below = element("tr", { class: "intake-below", hidden: true }, element("td", { colspan: boxes.length + 6 }));
    this.below.addEventListener("input", ({ target }) => (target.dataset.touched = "yes"));
  }

  get isOpen() {
    return !this.below.hidden;
  }

  open() {
    this.below.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.#drawn = "";
    this.#draw();
  }

  close() {
    this.below.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.below.firstElementChild.replaceChildren();
  }

  remove() {
    this.node.remove();
    this.below.remove();
  }

  update(night) {
    this.night = night;
    const now = JSON.stringify(night);
    if (now === this.#shown) return;
    this.#shown = now;
    for (const [key, input] of Object.entries(this.#inputs)) {
      if (input !== document.activeElement) input.value = night[key] ?? "";
      input.disabled = isDone(night);
    }
    if (isDone(night)) {
      this.#inputs.name.value = night.shown_name;
      this.close();
    }
    this.button.hidden = isDone(night);
    this.#inputs.name.placeholder = night.shown_name || "next free name";
    this.button.setAttribute("aria-label", `Details of ${night.shown_name || fileName(night.file?.name ?? "")}`);
    for (const [key, nodes] of Object.entries(cellsOf(night)))
      this.#cells[key].replaceChildren(...nodes.filter(Boolean));
    this.#draw();
  }

  /** Draw the details again where they differ; the focus stays, and what was chosen and is not saved. */
  #draw() {
    const { facts, doubts, decisions, stage_files: files, state, same_labels: same } = this.night;
    const now = JSON.stringify([facts, doubts, decisions, files, state, same]);
    if (!this.isOpen || now === this.#drawn) return;
    this.#drawn = now;
    const place = this.below.firstElementChild;
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const touched = [...place.querySelectorAll("[data-touched][data-key]")];
    place.replaceChildren(this.#details(this.night));
    const controls = [...place.querySelectorAll("[data-key]")];
    const sameAs = (node) => controls.find(({ dataset }) => dataset.key === node.dataset.key);
    for (const node of touched) keepChoice(node, sameAs(node));
    if (!focused) return;
    const again = focused.dataset.key && sameAs(focused);
    const next = again?.checkVisibility() ? again : place.querySelector(".intake-question input");
    (next?.checkVisibility() ? next : this.button).focus();
  }

  #box(key, label, attributes, edit) {
    const input = element("input", { "aria-label": label, autocomplete: "off", spellcheck: "false", ...attributes });
    this.#inputs[key] = input;
    input.addEventListener("change", async () => {
      const isSaved = await edit({ [key]: valueOf(key, input.value.trim()) });
      input.setAttribute("aria-invalid", String(!isSaved));
    });
    return element(
      key === "subject" ? "th" : "td",
      { class: `intake-box intake-box--${key}`, scope: key === "subject" && "row" },
      input,
    );
  }
}

/** What was chosen in a control, into the control that is drawn in its place. */
function keepChoice(from, to) {
  if (!to) return;
  to.dataset.touched = "yes";
  if (to.type === "checkbox" || to.type === "radio") to.checked = from.checked;
  else to.value = from.value;
  to.dispatchEvent(new Event("redrawn"));
}

function valueOf(key, text) {
  if (key !== "number") return text;
  return text === "" ? null : text;
}

function cellsOf(night) {
  const { facts, file, stage_files: files } = night;
  return {
    file: [
      element("span", { class: "intake-file", title: file?.name }, file ? fileName(file.name) : ""),
      ...files.map((one) =>
        element("span", { class: "intake-file muted small", title: one.name }, stageFileText(one)),
      ),
    ],
    time:
      facts.duration_s === undefined
        ? []
        : [
            duration(facts.duration_s),
            element(
              "span",
              { class: "muted small" },
              facts.start_clock_s === null ? " no clock" : ` from ${clock(facts.start_clock_s)}`,
            ),
          ],
    channels: channelsOf(facts),
    questions: questionsOf(night),
    state: stateOf(night),
  };
}

function stageFileText({ name, scorer, state }) {
  const by = scorer ? ` (${scorer})` : "";
  return `${fileName(name)}${by}${state === "refused" ? ": cannot be used" : ""}`;
}

function channelsOf(facts) {
  if (!facts.derivations) return [];
  const missing = facts.missing ?? [];
  return [
    `${Object.keys(facts.derivations).length} of 6`,
    missing.length ? element("span", { class: "intake-missing small" }, ` missing: ${missing.join(", ")}`) : null,
  ];
}

function questionsOf(night) {
  const doubts = [...night.doubts, ...night.stage_files.flatMap((file) => file.doubts)];
  const told = doubts.filter(({ assumed, answered }) => assumed && !answered).length;
  return [
    night.open_count ? element("b", { class: "intake-asked" }, count(night.open_count, "question")) : null,
    told
      ? element("span", { class: "muted small" }, `${night.open_count ? " and " : ""}${count(told, "assumption")}`)
      : null,
  ];
}

function stateOf(night) {
  const { progress } = night;
  const link =
    night.recording_url && ["imported", "failed"].includes(night.state)
      ? element("a", { href: night.recording_url }, "Open recording")
      : null;
  const badge = element("span", { class: `badge ${BADGES[night.state] ?? ""}` });
  setText(badge, progress ? `${night.state_label} ${progress.done} %` : night.state_label);
  return [badge, link, night.error ? element("p", { class: "small field__errors" }, night.error) : null];
}
