// Plots of pages, drawn from data-plot when the page or htmx shows one. Plotly is loaded with the first one.

import { colourOf, onThemeChange } from "./dom.js";
import { axis, layoutOf, loadPlotly, plain, SETTINGS } from "./plots.js";

const HEIGHT = 260;
const ROW = 30;
const FEW = 8;
const INKS = ["--accent", "--warning", "--text", "--danger", "--muted"];
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"]; // curves differ without colour too

/** Equal labels must not fall together, so places are numbers and labels only stand at them, as many as fit. */
function named(rows) {
  const longest = Math.max(...rows.map((row) => row.label.length));
  const step = Math.ceil(rows.length / Math.max(2, Math.floor(56 / (longest + 1))));
  const places = rows.map((_, index) => index).filter((index) => index % step === 0);
  const labels = places.map((index) => plain(rows[index].label));
  return { tickmode: "array", tickvals: places, ticktext: labels, tickangle: 0 };
}

/** Of few rows all names are shown, turned where the place is narrow. */
function everyName(rows) {
  const places = rows.map((_, index) => index);
  return { tickvals: places, ticktext: rows.map(({ label }) => plain(label)), tickangle: "auto" };
}

function common({ rows, unit }) {
  return {
    customdata: rows.map((row) => row.address),
    text: rows.map((row) => `${plain(row.label)}: ${plain(row.shown)} ${unit}`),
    hovertemplate: "%{text}<extra></extra>", textposition: "none",
  };
}

const values = (plot) => plot.rows.map((row) => row.value);
const places = (plot) => plot.rows.map((_, index) => index);
const ROOM = 1.02; // so that the last tick has its label

/** The axis of values. Small counts have no ticks between whole numbers. */
function range(plot) {
  if (plot.high !== null) return { range: [plot.low, plot.high * ROOM] };
  return { rangemode: "tozero", ...(plot.kind === "columns" && Math.max(...values(plot)) < 6 ? { dtick: 1 } : {}) };
}

const DRAWS = {
  columns: (plot, ink) => ({
    trace: { ...common(plot), type: "bar", x: places(plot), y: values(plot), marker: { color: ink } },
    layout: {
      height: HEIGHT, xaxis: axis(plot.label, { ...named(plot.rows), showgrid: false }),
      yaxis: axis(plot.unit, range(plot)),
    },
  }),
  bars: (plot, ink) => ({
    trace: {
      ...common(plot), type: "bar", orientation: "h", x: values(plot), y: places(plot), marker: { color: ink },
    },
    layout: {
      height: Math.max(HEIGHT, 80 + ROW * plot.rows.length), xaxis: axis(plot.unit, range(plot)),
      yaxis: axis("", {
        tickmode: "array", tickvals: places(plot), ticktext: plot.rows.map((row) => plain(row.label)),
        autorange: "reversed", showgrid: false,
      }),
    },
  }),
  ranges: (plot, ink) => ({
    trace: {
      ...common(plot), type: "scatter", mode: "markers", x: places(plot), y: values(plot),
      marker: { color: ink, size: 6 },
      error_y: {
        type: "data", symmetric: false, color: colourOf("--muted"), thickness: 1, width: 0,
        array: plot.rows.map(({ value, high }) => (high ?? value) - value),
        arrayminus: plot.rows.map(({ value, low }) => value - (low ?? value)),
      },
    },
    layout: {
      height: HEIGHT, yaxis: axis(plot.unit, range(plot)),
      xaxis: axis(plot.label, {
        ...named(plot.rows), ...(plot.rows.length > FEW ? {} : everyName(plot.rows)), showgrid: false,
        fixedrange: false, range: [-0.5, plot.rows.length - 0.5],
      }),
    },
  }),
  curves: (plot) => ({
    traces: plot.curves.map(([label, points], index) => ({
      type: "scatter", mode: "lines", name: plain(label), x: points.map(([x]) => x), y: points.map(([, y]) => y),
      line: { color: colourOf(INKS[index % INKS.length]), dash: DASHES[index % DASHES.length], width: 2 },
    })),
    layout: {
      height: HEIGHT, yaxis: axis(plot.unit), xaxis: axis("", { fixedrange: false }), showlegend: true,
      legend: { orientation: "h" },
    },
  }),
  points: (plot, ink) => ({
    trace: {
      ...common(plot), type: "scatter", mode: "markers", x: places(plot), y: values(plot),
      marker: { color: ink, size: 6, opacity: 0.75 },
    },
    layout: {
      height: HEIGHT, yaxis: axis(plot.unit, range(plot)),
      xaxis: axis(plot.label, { ...named(plot.rows), showgrid: false, fixedrange: false }),
    },
  }),
};

/** A line across the plot with its name, and a band where it has an interval; names stand away from other lines. */
function across({ lines }) {
  const highest = Math.max(...lines.map(([, value]) => value));
  const whole = { xref: "paper", x0: 0, x1: 1, layer: "below" };
  const band = { ...whole, type: "rect", fillcolor: colourOf("--accent-soft"), line: { width: 0 } };
  const shapes = lines.flatMap(([, value, low, high]) => {
    const line = { color: colourOf("--muted"), width: 1, dash: low === null ? "dot" : "solid" };
    const bands = low === null ? [] : [{ ...band, y0: low, y1: high }];
    return [...bands, { ...whole, type: "line", y0: value, y1: value, line }];
  });
  const annotations = lines.map(([label, value], index) => ({
    text: plain(label), xref: "paper", x: index % 2, xanchor: index % 2 ? "right" : "left", y: value,
    yanchor: value === highest ? "bottom" : "top", showarrow: false, font: { color: colourOf("--text"), size: 12 },
  }));
  return { shapes, annotations };
}

function show(place) {
  const plot = JSON.parse(place.dataset.plot);
  const row = ([label, value, shown, address, low, high]) =>
    ({ label, value, shown, address: address && address + plot.suffix, low, high });
  plot.rows = plot.rows.map(row);
  const { trace, traces = [trace], layout } = DRAWS[plot.kind](plot, colourOf("--accent"));
  return globalThis.Plotly.react(place, traces, layoutOf({ ...layout, ...across(plot), bargap: 0.35 }), SETTINGS);
}

/** A click on a bar or point opens the rows behind it. */
function openRows(place) {
  place.on("plotly_click", ({ points: [point] }) => point.customdata && location.assign(point.customdata));
}

async function drawAll() {
  const waiting = [...document.querySelectorAll("[data-plots] [data-plot]:not([data-drawn])")];
  if (!waiting.length) return;
  for (const place of waiting) place.dataset.drawn = "";
  await loadPlotly(waiting[0].closest("[data-plots]").dataset.plots);
  for (const place of waiting) {
    await show(place);
    openRows(place);
  }
}

document.addEventListener("htmx:afterSettle", drawAll);
// A page that nobody sees does not ask what needs its lead.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches(".needs")) event.preventDefault();
});
onThemeChange(() => document.querySelectorAll(".js-plotly-plot[data-drawn]").forEach(show));
drawAll();
