// A forest plot: one point with its interval a row, one panel a dimension.

import { axisName, layoutOf, plain } from "./panels.js";

const known = (value) => value !== null && value !== undefined;

function spoken(row) {
  const sign = row.value.toFixed(2);
  const interval = known(row.low) ? ` (${row.low.toFixed(2)} to ${row.high.toFixed(2)})` : ", no interval";
  return `${plain(row.label)}: ${sign}${interval}, n = ${row.n}`;
}

function points(panel, index, figure, ink) {
  const shown = panel.rows.map((row, place) => ({ ...row, place })).filter((row) => known(row.value));
  const arm = (side) => shown.map((row) => (known(row.low) ? Math.abs(row[side] - row.value) : 0));
  const isStrong = (row) => row.strong ?? true;
  return {
    type: "scatter", mode: "markers", xaxis: axisName("x", index), yaxis: axisName("y", index), showlegend: false,
    x: shown.map((row) => row.value), y: shown.map((row) => row.place), customdata: shown.map((row) => row.query),
    error_x: { type: "data", symmetric: false, array: arm("high"), arrayminus: arm("low"), thickness: 1.6, width: 4, color: ink.point },
    marker: { size: 9, symbol: shown.map((row) => (isStrong(row) ? "circle" : "circle-open")), color: ink.point, line: { width: 1.6, color: ink.point } },
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
        ? { ...common, type: "rect", layer: "below", x0: low, x1: high, fillcolor: ink.claim, opacity: 0.18, line: { width: 0 } }
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

/** One range for all panels, with zero in it where zero means something. */
function rangeOf(figure) {
  if (figure.range) return figure.range;
  const rows = figure.panels.flatMap((panel) => panel.rows);
  const ends = rows.flatMap((row) => [row.value, row.low, row.high]).filter(known);
  const reach = Math.max(0.25, ...ends.map(Math.abs)) * 1.15;
  return [-reach, reach];
}

export function forest(figure, ink) {
  const [low, high] = rangeOf(figure);
  return {
    data: [...figure.panels.map((panel, index) => points(panel, index, figure, ink)), ...claimLegend(figure, ink)],
    layout: layoutOf(figure, ink, {
      xaxis: figure.range
        ? { range: [low - 0.1, high + 0.1], dtick: 1 }
        : { range: [low, high], nticks: 6, zeroline: true, zerolinecolor: ink.axis, zerolinewidth: 1.4 },
      shapes: claimShapes(figure, ink),
    }),
  };
}
