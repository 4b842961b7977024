// Histograms of rating scores, one figure a dimension, one colour a source.

import { colour, onThemeChange } from "../workbench/palette.js";

const INKS = ["--accent", "--stage-w", "--stage-n2", "--stage-r", "--stage-n1", "--stage-n3"];
const LEVELS = [1, 2, 3, 4, 5];

function bars({ label, counts }, index) {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return {
    type: "bar", name: label, x: LEVELS, y: counts.map((count) => (n ? (100 * count) / n : 0)),
    customdata: counts.map((count) => [count, n]), marker: { color: colour(INKS[index % INKS.length]) },
    text: counts.map(String), textposition: "outside", cliponaxis: false,
    hovertemplate: `${label}: %{customdata[0]} of %{customdata[1]} ratings<extra></extra>`,
  };
}

function layout({ dimension, groups }) {
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--text") };
  const axis = { gridcolor: colour("--hairline"), linecolor: colour("--hairline-strong"), zeroline: false, fixedrange: true };
  return {
    title: { text: dimension, x: 0, xanchor: "left", font: { ...font, size: 14 } },
    font, height: 280, margin: { l: 40, r: 8, t: 40, b: 40 }, bargap: 0.25,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    xaxis: { ...axis, title: { text: "score" }, dtick: 1, showgrid: false },
    yaxis: { ...axis, title: { text: "% of ratings" }, rangemode: "tozero" },
    showlegend: groups.length > 1, legend: { orientation: "h", y: 1.12, x: 1, xanchor: "right" },
  };
}

/** All places first: a figure takes the width that its place has when it is drawn. */
function placesFor(holder, figures) {
  return figures.map(() => {
    const place = holder.appendChild(document.createElement("div"));
    place.className = "chart";
    return place;
  });
}

function draw(places, figures) {
  figures.forEach((figure, index) => {
    globalThis.Plotly.react(places[index], figure.groups.map(bars), layout(figure), { responsive: true, displayModeBar: false });
  });
}

const holder = document.querySelector("[data-rating-charts]");
const figures = JSON.parse(document.getElementById(holder.dataset.ratingCharts).textContent);
const places = placesFor(holder, figures);
draw(places, figures);
onThemeChange(() => draw(places, figures));
