// Figures of the results page: drawn from plain data, a way to the items behind, SVG and PNG.

import { colourOf, onThemeChange } from "../site/dom.js";
import { plain } from "../site/plots.js";

// Colours and type of figures: those of the page on screen, black on white in what is downloaded.

const PAPER = {
  text: "#000000", muted: "#444444", grid: "#dddddd", axis: "#555555", ground: "#ffffff",
  inset: 8, point: "#00695a", soft: "#7a7a7a", claim: "#a33a2e", font: "Arial, Helvetica, sans-serif",
  // Okabe and Ito: orange for low, grey for the middle, blue for high; dark enough to tell in grey.
  levels: ["#d55e00", "#f0b27a", "#d0d0d0", "#7fb8dd", "#0072b2"],
  onLevels: ["#ffffff", "#000000", "#000000", "#000000", "#ffffff"],
};

function screenInk() {
  return {
    ...PAPER, text: colourOf("--text"), muted: colourOf("--muted"), grid: colourOf("--hairline"),
    axis: colourOf("--hairline-strong"), ground: "rgba(0,0,0,0)", inset: 0, point: colourOf("--accent"),
    soft: colourOf("--muted"), claim: colourOf("--trace-reference"), font: getComputedStyle(document.body).fontFamily,
  };
}

function paperInk() {
  return PAPER;
}

// What forest plots and level bars share: three panels side by side over the same list of labels.

const ROW = { forest: 32, levels: 34 };
const ROOM = { top: 62, bottom: 56, legend: 26 };
const GAP = 0.025;
const SECOND_LINE = 8;
const LONGEST_LINE = 28;

/** A label in a line or two, broken at the space nearest to its middle. */
function linesOf(label) {
  if (label.length <= LONGEST_LINE) return [label];
  const spaces = [...label.matchAll(/ /g)].map(({ index }) => index);
  const fromMiddle = (at) => Math.abs(at - label.length / 2);
  const at = spaces.sort((a, b) => fromMiddle(a) - fromMiddle(b))[0];
  const parts = at === undefined ? [label] : [label.slice(0, at), label.slice(at + 1)];
  return parts.map((part) => (part.length > LONGEST_LINE ? `${part.slice(0, LONGEST_LINE - 1)}…` : part));
}

/** Labels of the rows as axis places: equal labels must not fall together. */
function places(figure) {
  return figure.panels[0].rows.map((_, index) => index);
}

/** All rows together; labels of two lines need taller ones. */
function rowsHeight(figure) {
  const { rows } = figure.panels[0];
  const second = rows.some(({ label }) => linesOf(label).length > 1) ? SECOND_LINE : 0;
  return rows.length * (ROW[figure.kind] + second);
}

function xDomain(index, count) {
  const width = (1 - GAP * (count - 1)) / count;
  return [index * (width + GAP), index * (width + GAP) + width];
}

/** Bold by its font: markup in a text becomes a style attribute, which the policy forbids. */
function heading(panel, index, count, ink) {
  return {
    text: panel.title, showarrow: false, xref: "paper", yref: "paper", x: xDomain(index, count)[0], y: 1,
    xanchor: "left", yanchor: "bottom", font: { family: ink.font, size: 12, weight: 600, color: ink.text },
  };
}

const axisName = (letter, index) => `${letter}${index ? index + 1 : ""}`;

/** The layout of a figure; `range` and `extra` say what its x axes have of their own. */
function layoutOf(figure, ink, { xaxis, shapes = [] }) {
  const { rows } = figure.panels[0];
  const font = { family: ink.font, size: 12, color: ink.text };
  const count = figure.panels.length;
  const tall = rowsHeight(figure);
  const below = ROOM.bottom + (figure.kind === "levels" || figure.lines ? ROOM.legend : 0);
  const longest = Math.max(...rows.flatMap((row) => linesOf(row.label)).map((line) => line.length));
  const layout = {
    title: {
      text: plain(figure.title), x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top",
      pad: { l: ink.inset, t: 8 }, font: { ...font, size: 14 },
    },
    font, height: ROOM.top + tall + below, margin: { l: 24 + 6.6 * longest, r: 16, t: ROOM.top, b: below },
    paper_bgcolor: ink.ground, plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest", bargap: 0.28, barmode: "stack",
    legend: {
      orientation: "h", x: 0, xanchor: "left", y: -46 / tall, yanchor: "top", traceorder: "normal", font,
      itemclick: false, itemdoubleclick: false,
    },
    annotations: figure.panels.map((panel, index) => heading(panel, index, count, ink)),
    shapes,
  };
  const labels = {
    tickmode: "array", tickvals: places(figure),
    ticktext: rows.map((row) => linesOf(row.label).map(plain).join("<br>")),
  };
  figure.panels.forEach((_, index) => {
    layout[axisName("xaxis", index)] = {
      domain: xDomain(index, count), anchor: axisName("y", index), gridcolor: ink.grid, linecolor: ink.axis,
      showline: true, zeroline: false, fixedrange: true,
      title: { text: index === Math.floor((count - 1) / 2) ? figure.axis : "", font, standoff: 8 }, ...xaxis,
    };
    layout[axisName("yaxis", index)] = {
      anchor: axisName("x", index), range: [rows.length - 0.5, -0.5], fixedrange: true, showgrid: false,
      zeroline: false, ticks: "outside", ticklen: 6, tickcolor: "rgba(0,0,0,0)", automargin: false,
      showticklabels: index === 0, ...labels,
    };
  });
  return layout;
}

// A forest plot: a point with its interval in each row, a panel for each dimension.

const known = (value) => value !== null && value !== undefined;

function spoken(row) {
  const sign = row.value.toFixed(2);
  const interval = known(row.low) ? ` (${row.low.toFixed(2)} to ${row.high.toFixed(2)})` : ", no interval";
  return `${plain(row.label)}: ${sign}${interval}, n = ${row.n}`;
}

function points(panel, index, ink) {
  const shown = panel.rows.map((row, place) => ({ ...row, place })).filter((row) => known(row.value));
  const arm = (side) => shown.map((row) => (known(row.low) ? Math.abs(row[side] - row.value) : 0));
  const isStrong = (row) => row.strong ?? true;
  return {
    type: "scatter", mode: "markers", xaxis: axisName("x", index), yaxis: axisName("y", index), showlegend: false,
    x: shown.map((row) => row.value),
    y: shown.map((row) => row.place),
    customdata: shown.map((row) => row.query),
    error_x: {
      type: "data", symmetric: false, array: arm("high"), arrayminus: arm("low"), thickness: 1.6, width: 4,
      color: ink.point,
    },
    marker: {
      size: 9,
      symbol: shown.map((row) => (isStrong(row) ? "circle" : "circle-open")),
      color: ink.point, line: { width: 1.6, color: ink.point },
    },
    text: shown.map(spoken), hovertemplate: "%{text}<extra></extra>",
  };
}

/** A published claim: a band where it names two ends, a dashed line where it says "above". */
function claimShapes(figure, ink) {
  const lines = figure.lines ?? [];
  return figure.panels.flatMap((_, index) =>
    lines.map(({ low, high }) => {
      const common = { xref: axisName("x", index), yref: `${axisName("y", index)} domain`, y0: 0, y1: 1 };
      return known(high)
        ? {
            ...common, type: "rect", layer: "below", x0: low, x1: high, fillcolor: ink.claim, opacity: 0.18,
            line: { width: 0 },
          }
        : { ...common, type: "line", x0: low, x1: low, line: { color: ink.claim, width: 1.8, dash: "dash" } };
    }),
  );
}

/** Shapes have no legend of their own: an empty trace stands for each claim. */
function claimLegend(figure, ink) {
  return (figure.lines ?? []).map(({ label, high }) => ({
    type: "scatter", name: label, x: [null], y: [null], showlegend: true, hoverinfo: "skip",
    ...(known(high)
      ? { mode: "markers", marker: { symbol: "square", size: 12, color: ink.claim, opacity: 0.3 } }
      : { mode: "lines", line: { color: ink.claim, width: 1.6, dash: "dash" } }),
  }));
}

/** The same range for all panels, with zero in it where zero means something. */
function rangeOf(figure) {
  if (figure.range) return figure.range;
  const rows = figure.panels.flatMap((panel) => panel.rows);
  const ends = rows.flatMap((row) => [row.value, row.low, row.high]).filter(known);
  const reach = Math.max(0.25, ...ends.map(Math.abs)) * 1.15;
  return [-reach, reach];
}

function forest(figure, ink) {
  const [low, high] = rangeOf(figure);
  return {
    data: [...figure.panels.map((panel, index) => points(panel, index, ink)), ...claimLegend(figure, ink)],
    layout: layoutOf(figure, ink, {
      xaxis: figure.range
        ? { range: [low - 0.1, high + 0.1], dtick: 1 }
        : { range: [low, high], nticks: 6, zeroline: true, zerolinecolor: ink.axis, zerolinewidth: 1.4 },
      shapes: claimShapes(figure, ink),
    }),
  };
}

// How often each score was given: a bar of five parts in each row, a panel for each dimension.

const NARROWEST_WITH_COUNT = 6;

function levelBars(panel, index, level, { figure, ink }) {
  const counts = panel.rows.map(({ cells }) => cells[level][0]);
  const totals = panel.rows.map(({ cells }) => cells.reduce((sum, [count]) => sum + count, 0));
  const shares = counts.map((count, row) => (totals[row] ? (100 * count) / totals[row] : 0));
  return {
    type: "bar", orientation: "h", name: `score ${level + 1}`, legendgroup: `${level}`, showlegend: index === 0,
    xaxis: axisName("x", index), yaxis: axisName("y", index), x: shares, y: places(figure),
    customdata: panel.rows.map(({ cells }) => cells[level][1]),
    marker: { color: ink.levels[level], line: { width: 0 } },
    text: counts.map((count, row) => (shares[row] >= NARROWEST_WITH_COUNT ? `${count}` : "")),
    textposition: "inside", insidetextanchor: "middle", textangle: 0,
    textfont: { color: ink.onLevels[level], size: 11 },
    hovertext: panel.rows.map(
      ({ label }, row) => `${plain(label)}: ${counts[row]} of ${totals[row]} scores are ${level + 1}`,
    ),
    hovertemplate: "%{hovertext}<extra></extra>",
  };
}

function levels(figure, ink) {
  const steps = figure.panels[0].rows[0].cells.map((_, level) => level);
  return {
    data: figure.panels.flatMap((panel, index) =>
      steps.map((level) => levelBars(panel, index, level, { figure, ink })),
    ),
    layout: layoutOf(figure, ink, { xaxis: { range: [0, 100], dtick: 50, showgrid: false } }),
  };
}

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
  const address = await globalThis.Plotly.toImage(
    { data, layout: { ...layout, width: PAPER_WIDTH } }, { format, ...size },
  );
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.${format}`;
  link.click();
}

function attachDownloads(holder, figure) {
  holder.querySelectorAll("[data-format]").forEach((button) => {
    button.addEventListener("click", () =>
      download(figure, `${holder.dataset.name}-${holder.dataset.figure}`, button.dataset.format),
    );
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

// Copies a text by a button. Without https a browser offers no clipboard: the text is selected then.

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.innerText.trim());
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Text selected: copy with Ctrl C";
  }
}

document.querySelectorAll("[data-copies]").forEach((button) => {
  button.addEventListener("click", () => copy(button));
});
