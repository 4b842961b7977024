// The display dialog: which channels, in which order, how large; filters and colours. Changes show at once behind it.

import { element } from "./dom.js";
import { ROW_GAINS, changedRow, movedRow, rowsOf } from "./rows.js";
import { stepped } from "./scale.js";

const SWITCHES = ["filters", "notch"];

export class DisplayDialog {
  #parts;
  #signals;
  #openRaw;
  #extras = [];
  #settings;
  #onChange;

  /** `settings()` are those in force; `onChange(settings)` puts new ones in force. */
  constructor({ parts, signals, openRaw, settings, onChange }) {
    this.#parts = parts;
    this.#signals = signals;
    this.#openRaw = openRaw;
    this.#settings = settings;
    this.#onChange = onChange;
    for (const name of SWITCHES) {
      parts[name].addEventListener("change", () => this.#change({ [name]: parts[name].checked }));
    }
    parts.colours.addEventListener("change", () => this.#change({ colours: parts.colours.value }));
    parts.rowsReset.addEventListener("click", () => this.#change({ rows: [], filters: true, notch: true, colours: "quiet" }));
  }

  async open() {
    this.#show();
    this.#parts.displayDialog.showModal();
    const raw = await this.#openRaw();
    this.#parts.displayNoRaw.hidden = raw !== null;
    for (const name of SWITCHES) this.#parts[name].disabled = raw === null;
    this.#extras = raw?.extras ?? [];
    this.#show();
  }

  #change(patch) {
    this.#onChange({ ...this.#settings(), ...patch });
    this.#show();
  }

  get #rows() {
    const { rows } = this.#settings();
    return rowsOf({ derivations: this.#signals?.derivations ?? [], extras: this.#extras, rows });
  }

  #show() {
    const settings = this.#settings();
    for (const name of SWITCHES) this.#parts[name].checked = settings[name];
    this.#parts.colours.value = settings.colours;
    const focused = document.activeElement?.dataset.rowControl;
    this.#parts.displayRows.replaceChildren(...this.#rows.map((row) => this.#row(row)));
    const again = [...this.#parts.displayRows.querySelectorAll("[data-row-control]")].find((node) => node.dataset.rowControl === focused);
    again?.focus();
  }

  #row(row) {
    const { name, hidden, inverted, gain } = row;
    const set = (patch) => this.#change({ rows: changedRow(this.#settings().rows, this.#rows, name, patch) });
    const move = (by) => this.#change({ rows: movedRow(this.#settings().rows, this.#rows, name, by) });
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", {}, check("show", name, !hidden, (checked) => set({ hidden: !checked }))),
      element("td", {}, check("invert", name, inverted, (checked) => set({ inverted: checked }))),
      element(
        "td", { class: "display__size" },
        press("smaller", name, "−", () => set({ gain: stepped(ROW_GAINS, gain, -1) })),
        element("output", {}, `× ${gain}`),
        press("larger", name, "+", () => set({ gain: stepped(ROW_GAINS, gain, 1) })),
      ),
      element("td", {}, press("up", name, "↑", () => move(-1)), press("down", name, "↓", () => move(1))),
    );
  }
}

function check(what, name, checked, onChange) {
  const box = element("input", { type: "checkbox", "aria-label": `${what} ${name}`, "data-row-control": `${what} ${name}`, checked });
  box.addEventListener("change", () => onChange(box.checked));
  return box;
}

function press(what, name, sign, onPress) {
  const button = element("button", { type: "button", class: "button", "aria-label": `${what}: ${name}`, "data-row-control": `${what} ${name}` }, sign);
  button.addEventListener("click", onPress);
  return button;
}
