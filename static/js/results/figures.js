// Figures of the results page: drawn from plain data, a way to the items behind, SVG and PNG.

import { onThemeChange } from "../workbench/palette.js";
import { forest } from "./forest.js";
import { paperInk, screenInk } from "./ink.js";
import { levels } from "./levels.js";

const DRAWS = { forest, levels };
const PAPER_WIDTH = 1040;
const PNG_SCALE = 3;
const SETTINGS = { responsive: true, displayModeBar: false };

const figures = JSON.parse(document.getElementById("rating-figures").textContent);

function drawn(figure, ink) {
  const { data, layout } = DRAWS[figure.kind](figure, ink);
  return { data, layout };
}

function show(place, figure) {
  const { data, layout } = drawn(figure, screenInk());
  return globalThis.Plotly.react(place, data, layout, SETTINGS);
}

/** A click on a point or bar opens the items that it counts. */
function openItems(holder, place) {
  place.on("plotly_click", ({ points: [point] }) => {
    if (point.customdata !== undefined) location.assign(`${holder.dataset.items}?${point.customdata}`);
  });
}

async function download(figure, name, format) {
  const { data, layout } = drawn(figure, paperInk());
  const size = { width: PAPER_WIDTH, height: layout.height, scale: format === "png" ? PNG_SCALE : 1 };
  const address = await globalThis.Plotly.toImage({ data, layout: { ...layout, width: PAPER_WIDTH } }, { format, ...size });
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.${format}`;
  link.click();
}

function attachDownloads(holder, figure) {
  holder.querySelectorAll("[data-format]").forEach((button) => {
    button.addEventListener("click", () => download(figure, `${holder.dataset.name}-${holder.dataset.figure}`, button.dataset.format));
  });
}

const holders = [...document.querySelectorAll("[data-figure]")].filter((holder) => figures[holder.dataset.figure]);
const placeOf = (holder) => holder.querySelector("[data-place]");
const showAll = () => holders.forEach((holder) => show(placeOf(holder), figures[holder.dataset.figure]));

for (const holder of holders) {
  const figure = figures[holder.dataset.figure];
  await show(placeOf(holder), figure);
  openItems(holder, placeOf(holder));
  attachDownloads(holder, figure);
}
onThemeChange(showAll);
