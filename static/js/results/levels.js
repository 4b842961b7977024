// How often each score was given: one bar of five parts a row, one panel a dimension.

import { axisName, layoutOf, places, plain } from "./panels.js";

const NARROWEST_WITH_COUNT = 6;

function part(panel, index, level, figure, ink) {
  const counts = panel.rows.map(({ cells }) => cells[level][0]);
  const totals = panel.rows.map(({ cells }) => cells.reduce((sum, [count]) => sum + count, 0));
  const shares = counts.map((count, row) => (totals[row] ? (100 * count) / totals[row] : 0));
  return {
    type: "bar", orientation: "h", name: `score ${level + 1}`, legendgroup: `${level}`, showlegend: index === 0,
    xaxis: axisName("x", index), yaxis: axisName("y", index), x: shares, y: places(figure),
    customdata: panel.rows.map(({ cells }) => cells[level][1]),
    marker: { color: ink.levels[level], line: { width: 0 } },
    text: counts.map((count, row) => (shares[row] >= NARROWEST_WITH_COUNT ? `${count}` : "")),
    textposition: "inside", insidetextanchor: "middle", textangle: 0, textfont: { color: ink.onLevels[level], size: 11 },
    hovertext: panel.rows.map(({ label }, row) => `${plain(label)}: ${counts[row]} of ${totals[row]} scores are ${level + 1}`),
    hovertemplate: "%{hovertext}<extra></extra>",
  };
}

export function levels(figure, ink) {
  const steps = figure.panels[0].rows[0].cells.map((_, level) => level);
  return {
    data: figure.panels.flatMap((panel, index) => steps.map((level) => part(panel, index, level, figure, ink))),
    layout: layoutOf(figure, ink, { xaxis: { range: [0, 100], dtick: 50, showgrid: false } }),
  };
}
