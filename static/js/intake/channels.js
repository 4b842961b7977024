// The channel map of a night: for each derivation two lists of channels, with their signals below.

import { element } from "../site/dom.js";
import { bandsOf, bandsOfChannels, DERIVATIONS, Preview } from "./preview.js";
import { sentences, sourceText } from "./words.js";

const BY_LABEL = "by_label";
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
      element("div", {}, this.#table(), this.#form(save)),
      element("div", {}, this.#rawBox(), this.#preview.node),
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
          ...["Derivation", "Channel", "Subtracted channel", "Present source"].map((words) =>
            element("th", { scope: "col" }, words),
          ),
        ),
      ),
      body,
    );
  }

  #row(name, source) {
    const isMapped = this.#isMapped(name);
    const plus = this.#list(`${name}: channel`, [
      [BY_LABEL, "Detect by label"],
      [NONE, "not in this recording"],
    ]);
    const minus = this.#list(`${name}: subtracted channel`, [["", "none"]]);
    if (isMapped) {
      plus.value = source ? source.positive : NONE;
      minus.value = source?.negative ?? "";
    }
    const enable = () => (minus.disabled = plus.value === BY_LABEL || plus.value === NONE);
    enable();
    const changed = () => {
      enable();
      this.#show();
    };
    for (const list of [plus, minus]) for (const event of ["change", "redrawn"]) list.addEventListener(event, changed);
    this.#rows.set(name, { plus, minus });
    const isWanted = !source && !(isMapped && !this.#night.decisions.channels[name]);
    const now = sourceText(source) || (isWanted ? "missing" : "not in this recording");
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", {}, plus),
      element("td", {}, minus),
      element(
        "td",
        {},
        element("span", { class: isWanted ? "intake-missing" : "" }, now),
        element("span", { class: "muted small intake-where" }, this.#doubtWords(name)),
      ),
    );
  }

  #isMapped(name) {
    return name in (this.#night.decisions.channels ?? {});
  }

  /** What is doubted about a derivation: why it was left out, what may be it, what was assumed. */
  #doubtWords(name) {
    const [electrode] = name.toLowerCase().split("-");
    const about = this.#night.doubts.filter(
      ({ code, answered }) => !answered && [`missing_${electrode}`, `assumed_${electrode}`].includes(code),
    );
    return about
      .map(({ code, what, assumed, where }) =>
        code.startsWith("missing_")
          ? sentences(what.startsWith("No channel") ? "" : what, where)
          : sentences(what, assumed),
      )
      .join(" ");
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

  /** The chosen sources, all six; undefined where the labels give them only after the map is saved. */
  #chosen() {
    const found = sourcesOf({ ...this.#night, decisions: {} });
    return Object.fromEntries(
      [...this.#rows].map(([name, { plus, minus }]) => {
        if (plus.value === BY_LABEL) return [name, this.#isMapped(name) ? undefined : found[name]];
        return [name, plus.value === NONE ? null : { positive: plus.value, negative: minus.value }];
      }),
    );
  }

  /** What to save: the chosen sources, and a word for those that are left to the labels again. */
  #mapped() {
    const chosen = this.#chosen();
    const isSaid = ([name, { plus }]) => plus.value !== BY_LABEL || this.#isMapped(name);
    return Object.fromEntries(
      [...this.#rows].filter(isSaid).map(([name]) => [name, chosen[name] ?? byWord(chosen[name])]),
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
      same_labels: check("same_labels", `Use for all ${same} recordings with these channels`, same > 1),
      keep: check("keep", "Use for all later imports of this study", false),
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

function byWord(source) {
  return source === undefined ? BY_LABEL : null;
}

function check(name, words, isOn) {
  const box = element("input", { type: "checkbox", checked: isOn, "data-key": `channels ${name}` });
  return { box, label: element("label", { class: "intake-choice" }, box, words) };
}

function optionText({ label, unit, sfreq_hz: rate }) {
  return [label || "no label", unit && `${unit}`, `${rate} Hz`].filter(Boolean).join(", ");
}
