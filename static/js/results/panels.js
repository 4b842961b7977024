// What forest plots and level bars share: three panels side by side over one list of labels.

const ROW = { forest: 32, levels: 34 };
const ROOM = { top: 62, bottom: 56, legend: 26 };
const GAP = 0.025;
const SECOND_LINE = 8;
const LONGEST_LINE = 28;

/** A text as it is: what people wrote is never markup, which Plotly would read in it. */
export function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** A label in one line or two, broken at the space nearest to its middle. */
export function lines(label) {
  if (label.length <= LONGEST_LINE) return [label];
  const spaces = [...label.matchAll(/ /g)].map(({ index }) => index);
  const fromMiddle = (at) => Math.abs(at - label.length / 2);
  const at = spaces.sort((one, other) => fromMiddle(one) - fromMiddle(other))[0];
  const parts = at === undefined ? [label] : [label.slice(0, at), label.slice(at + 1)];
  return parts.map((part) => (part.length > LONGEST_LINE ? `${part.slice(0, LONGEST_LINE - 1)}…` : part));
}

/** Labels of the rows as axis places: equal labels must not fall together. */
export function places(figure) {
  return figure.panels[0].rows.map((_, index) => index);
}

/** All rows together; labels of two lines need taller ones. */
function rowsHeight(figure) {
  const { rows } = figure.panels[0];
  const second = rows.some(({ label }) => lines(label).length > 1) ? SECOND_LINE : 0;
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

export const axisName = (letter, index) => `${letter}${index ? index + 1 : ""}`;

/** The layout of a figure; `range` and `extra` say what its x axes have of their own. */
export function layoutOf(figure, ink, { xaxis, shapes = [] }) {
  const { rows } = figure.panels[0];
  const font = { family: ink.font, size: 12, color: ink.text };
  const count = figure.panels.length;
  const tall = rowsHeight(figure);
  const below = ROOM.bottom + (figure.kind === "levels" || figure.lines ? ROOM.legend : 0);
  const longest = Math.max(...rows.flatMap((row) => lines(row.label)).map((line) => line.length));
  const layout = {
    title: { text: plain(figure.title), x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { l: ink.inset, t: 8 }, font: { ...font, size: 14 } },
    font, height: ROOM.top + tall + below, margin: { l: 24 + 6.6 * longest, r: 16, t: ROOM.top, b: below },
    paper_bgcolor: ink.ground, plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest", bargap: 0.28, barmode: "stack",
    legend: { orientation: "h", x: 0, xanchor: "left", y: -46 / tall, yanchor: "top", traceorder: "normal", font, itemclick: false, itemdoubleclick: false },
    annotations: figure.panels.map((panel, index) => heading(panel, index, count, ink)), shapes,
  };
  const labels = { tickmode: "array", tickvals: places(figure), ticktext: rows.map((row) => lines(row.label).map(plain).join("<br>")) };
  figure.panels.forEach((_, index) => {
    layout[axisName("xaxis", index)] = {
      domain: xDomain(index, count), anchor: axisName("y", index), gridcolor: ink.grid, linecolor: ink.axis, showline: true, zeroline: false, fixedrange: true,
      title: { text: index === Math.floor((count - 1) / 2) ? figure.axis : "", font, standoff: 8 }, ...xaxis,
    };
    layout[axisName("yaxis", index)] = {
      anchor: axisName("x", index), range: [rows.length - 0.5, -0.5], fixedrange: true, showgrid: false, zeroline: false, ticks: "outside", ticklen: 6, tickcolor: "rgba(0,0,0,0)", automargin: false,
      showticklabels: index === 0, ...labels,
    };
  });
  return layout;
}
