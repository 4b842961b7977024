// How this person looks at signals: settings, channels and their order, and the dialog that changes them.

import { actOnSecond, element, setText } from "../site/dom.js";
import {
  asDrawn, changedRow, cutWords, DERIVATIONS, leftOutOf, movedRow, onBlack, recommended, ROW_GAINS, rowsOf, soundCuts,
  soundRows,
} from "./channels.js";
import { EPOCH_S, GAINS_UV_PER_MM, isNight, PAGES_S, pageWords, stepped } from "./scale.js";

// Whether a stage key turns the page. Where a rationale is written the page waits for it; where none is, it goes on.

const SETTINGS = { coarse: "advanceCoarse", fine: "advanceFine" };

/** The name of the setting that a track goes by. */
export function advanceSetting(track) {
  return SETTINGS[track] ?? SETTINGS.fine;
}

/** `press` is {other, from}: Shift was held; the digit was of the "pad" or of the top "row". */
export function goesOn(settings, track, { other = false, from = "" } = {}) {
  const usual = settings.padGoesOn && from ? from === "pad" : settings[advanceSetting(track)];
  return usual !== other;
}

// How this person likes to look at signals; remembered in the browser and sent along with each score.

const PLACE = "epochwise.display";
export const DEFAULTS = {
  gainUvPerMm: 7, pageS: 30, negativeUp: true, model: false, sides: true,
  filters: true, notch: true, cuts: {}, colours: "quiet", rows: [], montages: [], candidates: false, fileEvents: true,
  advanceCoarse: true, advanceFine: false, padGoesOn: false,
};

export function loadSettings() {
  try {
    return soundSettings(JSON.parse(localStorage.getItem(PLACE)));
  } catch {
    return { ...DEFAULTS };
  }
}

/** Settings from elsewhere over the defaults; what is not of the kind expected is left out. */
export function soundSettings(kept) {
  const fits = ([name, value]) => name in DEFAULTS && typeof value === typeof DEFAULTS[name] && value !== null;
  const settings = { ...DEFAULTS, ...Object.fromEntries(Object.entries(kept ?? {}).filter(fits)) };
  const montages = Array.isArray(settings.montages) ? settings.montages : [];
  return { ...settings, rows: soundRows(settings.rows), cuts: soundCuts(settings.cuts), montages };
}

export function keepSettings(settings) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // Not remembered for next time; nothing else depends on it.
  }
}

/** How filters differ from the stored ones, for a status line; "" where they do not. */
export function filterWords({ filters, notch, cuts }) {
  const off = [filters ? "" : "filters", notch ? "" : "notch"].filter(Boolean).join(" and ");
  return [off && `${off} off`, filters || notch ? cutWords(cuts) : ""].filter(Boolean).join("; ");
}

/** How the channels differ from the standard display: "1 hidden, 1 inverted, 2 differences"; "" where they do not. */
function rowWords({ rows }) {
  const [own, standard] = [rows.filter(({ plus }) => plus), rows.filter(({ name }) => DERIVATIONS.includes(name))];
  const shown = [...standard, ...own].filter(({ hidden }) => !hidden);
  const count = (list, words) => (list.length ? [`${list.length} ${words}`] : []);
  const differences = own.filter(({ hidden }) => !hidden);
  return [
    ...count(standard.filter(({ hidden }) => hidden), "hidden"),
    ...count(shown.filter(({ inverted }) => inverted), "inverted"),
    ...count(shown.filter(({ gain }) => gain !== 1), "resized"),
    ...count(differences, differences.length === 1 ? "difference" : "differences"),
  ].join(", ");
}

/** Whether filters that are switched off or changed are not so on this page. */
function isFilteredHere(settings, drawn) {
  return !settings.model && filterWords(settings) !== "" && filterWords(drawn) === "";
}

/** What differs from the standard display, for the status line; the model view is as published. */
export function displayWords(settings, { hasRaw }) {
  if (settings.model) return "";
  const drawn = asDrawn(settings, { hasRaw });
  const filters = isFilteredHere(settings, drawn) ? "filtered here" : filterWords(drawn);
  return [filters, rowWords(drawn)].filter(Boolean).join("; ");
}

/** The same on the button of the display, and over the traces where filters are on whatever the settings. */
export function showFilters({ display, traces, filteredHere }, settings, { hasRaw }) {
  const words = displayWords(settings, { hasRaw });
  setText(display, words || "display");
  display.toggleAttribute("data-off", words !== "");
  traces.toggleAttribute("data-filtered", isFilteredHere(settings, asDrawn(settings, { hasRaw })));
  setText(filteredHere, hasRaw
    ? "filtered: the view of the whole recording is always filtered"
    : "filtered: this recording has no unfiltered channels");
}

/** Settings on the page; `part` is the place of a short page in the epoch. */
export function showSettings(parts, settings, { hasRaw, part = 0 }) {
  const { gainUvPerMm, pageS, negativeUp, model, sides } = settings;
  const { page, gain, polarity, traces } = parts;
  setText(page, pageWords(pageS, part));
  setText(gain, model ? "±50 µV per channel" : `${gainUvPerMm} µV/mm`);
  setText(polarity, model || !negativeUp ? "positive up" : "negative up");
  showFilters(parts, settings, { hasRaw });
  parts.model?.setAttribute("aria-pressed", String(model));
  parts.sides?.setAttribute("aria-pressed", String(sides));
  traces.toggleAttribute("data-model", model);
  traces.toggleAttribute("data-black", onBlack(settings));
  traces.toggleAttribute("data-alone", !sides || pageS !== EPOCH_S);
}

/** The settings after an action of the key map, or null when it is not about them. */
export function changed(settings, action, track = "coarse") {
  const advance = advanceSetting(track);
  const steps = {
    "gain:up": { gainUvPerMm: stepped(GAINS_UV_PER_MM, settings.gainUvPerMm, -1) },
    "gain:down": { gainUvPerMm: stepped(GAINS_UV_PER_MM, settings.gainUvPerMm, 1) },
    "page:shorter": { pageS: stepped(PAGES_S, settings.pageS, -1) },
    "page:longer": { pageS: stepped(PAGES_S, settings.pageS, 1) },
    polarity: { negativeUp: !settings.negativeUp },
    model: { model: !settings.model },
    sides: { sides: !settings.sides },
    advance: { [advance]: !settings[advance] },
    filters: { filters: !settings.filters },
    notch: { notch: !settings.notch },
    colours: { colours: settings.colours === "quiet" ? "published" : "quiet" },
  };
  return action in steps ? { ...settings, ...steps[action] } : null;
}

/**
 * What was on screen, in the words of the server; `drawn` are the names of the bands on the page, and `isRaw` whether
 * they are drawn from the channels as recorded: no filter is off before those are here.
 */
export function shownWith(settings, { derivations, drawn, isRaw }) {
  const isFiltered = settings.model || isNight(settings.pageS) || !isRaw;
  return {
    view: settings.model ? "model" : "human",
    negative_up: !settings.model && settings.negativeUp,
    gain_uv_per_mm: settings.model ? null : settings.gainUvPerMm,
    page_s: isNight(settings.pageS) ? "night" : settings.pageS,
    neighbours: settings.sides,
    filters: isFiltered || settings.filters,
    notch: isFiltered || settings.notch,
    cuts: isFiltered ? {} : settings.cuts,
    colours: settings.model ? "published" : settings.colours,
    rows: settings.model ? [] : settings.rows.filter(({ name, hidden, inverted, gain }) =>
      derivations.includes(name) ? hidden || inverted || gain !== 1 : drawn.includes(name)),
    derivations,
  };
}

/** Where no night is scored, how a stage key goes on is kept for the next. */
export function stageKeysElsewhere(api, settings = loadSettings()) {
  return {
    stageKeys: () => settings,
    onStageKeys: (patch) => {
      settings = { ...settings, ...patch };
      keepSettings(settings);
      return api.keepPreferences("display", settings);
    },
  };
}

// What belongs to the person, kept on the server and so the same on every machine; this browser keeps a copy.

const PAUSE_MS = 800;

/** Writes the newest value a moment after the last change; a failure is only a setting not remembered elsewhere. */
export function preferenceKeeper({ api, name }) {
  let timer = null;
  return {
    load: () => api.preferences(name).catch(unanswered),
    keep(value) {
      clearTimeout(timer);
      timer = setTimeout(() => api.keepPreferences(name, value).catch(unanswered), PAUSE_MS);
    },
  };
}

function unanswered(error) {
  if (!("status" in error)) throw error;
  return null;
}

// The display dialog: which channels, in which order, how large; filters and colours. Changes show at once behind it.

const SWITCHES = ["filters", "notch"];

export class DisplayDialog {
  #parts;
  #signals;
  #openRaw;
  #extras = [];
  #channels = [];
  #mainsHz = 50;
  #hasRaw = true;
  #cutRows = null;
  #settings;
  #onChange;
  #shared;
  #montage = null;

  /**
   * `settings()` are those in force; `onChange(settings)` puts new ones in force. `shared` loads and saves montages of
   * the study, null where there are none.
   */
  constructor({ parts, signals, openRaw, settings, onChange, shared = null }) {
    this.#shared = shared;
    this.#parts = parts;
    this.#signals = signals;
    this.#openRaw = openRaw;
    this.#settings = settings;
    this.#onChange = onChange;
    for (const name of SWITCHES) {
      parts[name].addEventListener("change", () => this.#change({ [name]: parts[name].checked }));
    }
    parts.colours.addEventListener("change", () => this.#change({ colours: parts.colours.value }));
    actOnSecond(parts.rowsReset, parts.rowsResetNow, () =>
      this.#change({ rows: [], filters: true, notch: true, cuts: {}, colours: "quiet" }),
    );
    parts.cutsRecommended.addEventListener("click", () => this.#change({ cuts: recommended(this.#mainsHz) }));
    parts.cutsReset.addEventListener("click", () => this.#change({ cuts: {} }));
  }

  async open() {
    // The boxes are made again when the raw view is here; until then nothing is to be typed.
    this.#parts.cuts.hidden = true;
    this.#parts.montage.hidden = true;
    this.#show();
    this.#parts.displayDialog.showModal();
    const raw = await this.#openRaw();
    if (raw) this.#cutRows ??= (await import("./cuts.js")).cutRows;
    this.#parts.displayNoRaw.hidden = raw !== null;
    for (const name of SWITCHES) this.#parts[name].disabled = raw === null;
    this.#parts.cuts.hidden = raw === null;
    this.#hasRaw = raw !== null;
    this.#mainsHz = raw?.mainsHz ?? this.#mainsHz;
    this.#extras = raw?.extras ?? [];
    this.#channels = raw?.channels ?? [];
    this.#show();
    if (raw) await this.#showMontages();
  }

  async #showMontages() {
    const { MontagePanel } = await import("./montage.js");
    const { montage, montageParts } = this.#parts;
    this.#montage ??= new MontagePanel({
      holder: montageParts, settings: this.#settings, rows: () => this.#rows, shared: this.#shared,
      onChange: (settings) => this.#change(settings),
    });
    this.#montage.show(this.#channels);
    montage.hidden = false;
  }

  #change(patch) {
    this.#onChange({ ...this.#settings(), ...patch });
    this.#show();
  }

  get #rows() {
    const derivations = this.#signals?.derivations ?? [];
    return rowsOf({ derivations, extras: this.#extras, channels: this.#channels, rows: this.#settings().rows });
  }

  #show() {
    const settings = this.#settings();
    for (const name of SWITCHES) this.#parts[name].checked = settings[name] || !this.#hasRaw;
    this.#parts.colours.value = settings.colours;
    const focused = document.activeElement?.dataset.rowControl;
    this.#parts.displayRows.replaceChildren(...this.#rows.map((row, place) => this.#row(row, place)));
    const leftOut = this.#channels.length ? leftOutOf({ channels: this.#channels, rows: settings.rows }) : [];
    this.#parts.displayLeftOut.hidden = !leftOut.length;
    this.#parts.displayLeftOut.replaceChildren(...leftOut.map((words) => element("li", {}, words)));
    this.#parts.cutRows.replaceChildren(...(this.#cutRows?.({
      cuts: () => this.#settings().cuts, mainsHz: this.#mainsHz,
      // The boxes show it already, and must stay for the key that goes on to the next.
      onChange: (cuts) => this.#onChange({ ...this.#settings(), cuts }),
    }) ?? []));
    const again = [...this.#parts.displayDialog.querySelectorAll("[data-row-control]")].find(
      (node) => node.dataset.rowControl === focused,
    );
    again?.focus();
  }

  #row(row, place) {
    const { name, hidden, inverted, gain } = row;
    const remove = () => {
      this.#change({ rows: this.#settings().rows.filter((each) => each.name !== name) });
      (this.#parts.displayRows.rows[place] ?? this.#parts.displayRows.rows[0])?.querySelector("input").focus();
    };
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
      element("td", {}, press("up", name, "↑", () => move(-1)), press("down", name, "↓", () => move(1)),
        ...(row.plus ? [press("remove", name, "×", remove)] : [])),
    );
  }
}

function check(what, name, checked, onChange) {
  const box = element("input", {
    type: "checkbox", "aria-label": `${what} ${name}`, "data-row-control": `${what} ${name}`, checked,
  });
  box.addEventListener("change", () => onChange(box.checked));
  return box;
}

function press(what, name, sign, onPress) {
  const button = element("button",
    { type: "button", class: "button", "aria-label": `${what}: ${name}`, "data-row-control": `${what} ${name}` }, sign);
  button.addEventListener("click", onPress);
  return button;
}
