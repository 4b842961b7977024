// Draws the time axis of a recording where the page has one; without a script its hypnograms are there as they are.

import { colourOf, onThemeChange } from "../site/dom.js";
import { layoutOf, loadPlotly, SETTINGS } from "../site/plots.js";
import { figureOf, zoomed } from "./axis.js";

const NARROW_PX = 640;
const LETTERS = { W: "w", R: "r", 1: "n1", 2: "n2", 3: "n3" };

function inkOf() {
  const stages = Object.fromEntries(
    Object.entries(LETTERS).map(([letter, name]) => [letter, colourOf(`--stage-${name}`)]));
  return {
    stages, step: colourOf("--hairline-strong"), grid: colourOf("--hairline"), danger: colourOf("--danger"),
    event: colourOf("--accent"), warning: colourOf("--warning"),
  };
}

/** An end of the axis: after zooming, Plotly gives times as texts of UTC, of which a date alone is midnight. */
function numberOf(end) {
  return typeof end === "string" ? Date.parse(end.includes(" ") ? `${end.replace(" ", "T")}Z` : end) : end;
}

class AxisPlot {
  #place;
  #axis;
  #all = false;
  #range = null;

  constructor(place) {
    this.#place = place;
    this.#axis = JSON.parse(place.dataset.axis);
  }

  async draw() {
    const most = this.#place.clientWidth < NARROW_PX ? 12 : 22;
    const { data, layout } = figureOf(this.#axis, { all: this.#all, most }, inkOf());
    const whole = layout.xaxis.range;
    if (this.#range) layout.xaxis.range = this.#range;
    this.#place.style.height = `${layout.height}px`; // Plotly takes the height from here when the window changes
    await globalThis.Plotly.react(this.#place, data, layoutOf(layout), SETTINGS);
    return whole;
  }

  /** Replace what stands there without scripts, and hear clicks, zooming and buttons. */
  async start(foot) {
    this.#place.replaceChildren();
    this.#place.dataset.drawn = "";
    const whole = await this.draw();
    this.#place.on("plotly_click", ({ points: [point] }) => point.customdata && location.assign(point.customdata));
    for (const tool of foot.querySelectorAll("[data-axis-tools]")) tool.hidden = false;
    foot.addEventListener("click", ({ target }) => {
      const how = target.closest("[data-zoom]")?.dataset.zoom;
      if (how) this.#zoom(whole, how);
      const more = target.closest("[data-axis-more]");
      if (more) this.#showAll(more);
    });
    onThemeChange(() => this.#redraw());
  }

  #zoom(whole, how) {
    const now = this.#place.layout.xaxis.range.map(numberOf);
    return globalThis.Plotly.relayout(this.#place, { "xaxis.range": zoomed(now, whole, how) });
  }

  #showAll(button) {
    this.#all = !this.#all;
    button.setAttribute("aria-expanded", String(this.#all));
    button.dataset.words ??= button.textContent.trim();
    button.textContent = this.#all ? "Show fewer scorers" : button.dataset.words;
    return this.#redraw();
  }

  #redraw() {
    this.#range = this.#place.layout.xaxis.range;
    return this.draw();
  }
}

async function start(place) {
  await loadPlotly(place.dataset.plotly);
  await new AxisPlot(place).start(place.parentElement.querySelector(".axis__foot"));
}

const place = document.querySelector("[data-axis]");
if (place) start(place);
