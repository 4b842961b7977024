// The channel map of a night: for each derivation two lists of channels, with their signals below.

import { element } from "../site/dom.js";
import { bandsOf, bandsOfChannels, DERIVATIONS, Preview } from "./preview.js";
import { sourceText } from "./words.js";

const AS_FOUND = "";
const NONE = "\u0000none";

/** What a map and what the labels gave, by derivation; null where a person said that there is none. */
export function sourcesOf(night) {
  const mapped = night.decisions.channels ?? {};
  return Object.fromEntries(
    DERIVATIONS.map((name) => [name, name in mapped ? mapped[name] : foundSource(night.facts.derivations?.[name])]),
  );
}

/** `label` of a derivation is a channel, or two with a minus between blanks. */
function foundSource(found) {
  if (!found) return null;
  const [positive, negative = ""] = found.label.split(" - ");
  return { positive, negative };
}

export class ChannelMap {
  #night;
  #rows = new Map();
  #preview;
  #isRaw = false;
  #node;

  /** `save(channels, scope)` keeps a map; `load(window)` gives signals. */
  constructor({ night, save, load }) {
    this.#night = night;
    this.#preview = new Preview({ load });
    this.#node = element(
      "div",
      { class: "intake-channels" },
      this.#table(),
      this.#form(save),
      this.#rawBox(),
      this.#preview.node,
    );
    this.#show();
  }

  get node() {
    return this.#node;
  }

  start() {
    this.#preview.start(this.#night.facts.start_clock_s);
  }

  #table() {
    const body = element("tbody");
    const sources = sourcesOf(this.#night);
    for (const name of DERIVATIONS) body.append(this.#row(name, sources[name]));
    return element(
      "table",
      { class: "table table--compact" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...["Derivation", "Channel", "minus", "Now"].map((words) => element("th", { scope: "col" }, words)),
        ),
      ),
      body,
    );
  }

  #row(name, source) {
    const isMapped = name in (this.#night.decisions.channels ?? {});
    const plus = this.#list(`${name}: channel`, [
      [AS_FOUND, "by label"],
      [NONE, "not in this recording"],
    ]);
    const minus = this.#list(`${name}: minus`, [["", "nothing"]]);
    if (isMapped) {
      plus.value = source ? source.positive : NONE;
      minus.value = source?.negative ?? "";
    }
    const enable = () => (minus.disabled = plus.value === AS_FOUND || plus.value === NONE);
    enable();
    for (const list of [plus, minus])
      list.addEventListener("change", () => {
        enable();
        this.#show();
      });
    this.#rows.set(name, { plus, minus });
    const now = sourceText(source) || (isMapped ? "not in this recording" : "missing");
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", {}, plus),
      element("td", {}, minus),
      element("td", { class: source ? "" : "intake-missing" }, now),
    );
  }

  #list(label, first) {
    const channels = this.#night.facts.channels.filter(({ usable }) => usable);
    const options = [...first, ...channels.map((channel) => [channel.label, optionText(channel)])];
    return element(
      "select",
      { "aria-label": label, "data-key": label },
      ...options.map(([value, words]) => element("option", { value }, words)),
    );
  }

  /** The chosen sources, all six; what is left to the labels is as found. */
  #chosen() {
    const found = sourcesOf({ ...this.#night, decisions: {} });
    return Object.fromEntries(
      [...this.#rows].map(([name, { plus, minus }]) => {
        if (plus.value === AS_FOUND) return [name, found[name]];
        return [name, plus.value === NONE ? null : { positive: plus.value, negative: minus.value }];
      }),
    );
  }

  #mapped() {
    const chosen = this.#chosen();
    return Object.fromEntries(
      [...this.#rows].filter(([, { plus }]) => plus.value !== AS_FOUND).map(([name]) => [name, chosen[name]]),
    );
  }

  #show() {
    const sources = this.#chosen();
    this.#preview.bands = (signals) => (this.#isRaw ? bandsOfChannels(signals) : bandsOf(signals, sources));
  }

  #rawBox() {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      this.#isRaw = box.checked;
      this.#show();
    });
    return element("label", { class: "intake-choice" }, box, "Show all channels of the file");
  }

  #form(save) {
    const { same_labels: same } = this.#night;
    const scope = {
      same_labels: check(`Use for all ${same} recordings with these channels`, same > 1),
      keep: check("Keep for this study", false),
    };
    const error = element("p", { class: "field__errors", role: "alert", hidden: true });
    const form = element(
      "form",
      { class: "row" },
      same > 1 ? scope.same_labels.label : "",
      scope.keep.label,
      element("button", { class: "button", "data-key": "save-channels" }, "Save channels"),
      error,
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.hidden = true;
      try {
        await save(this.#mapped(), { same_labels: scope.same_labels.box.checked, keep: scope.keep.box.checked });
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
      }
    });
    return form;
  }
}

function check(words, isOn) {
  const box = element("input", { type: "checkbox", checked: isOn });
  return { box, label: element("label", { class: "intake-choice" }, box, words) };
}

function optionText({ label, unit, sfreq_hz: rate }) {
  return [label || "no label", unit && `${unit}`, `${rate} Hz`].filter(Boolean).join(", ");
}
