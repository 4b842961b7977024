// The time axis of a recording as a Plotly figure: spectrogram, hypnograms, disagreement and events in rows over one
// another, in pixels from the top, so that zooming along time moves all of them together.

import { plain } from "../site/plots.js";
import { HYPNOGRAM_ROWS } from "../site/registries.js";

const EPOCH_S = 30;
const HEIGHTS = { spectrogram: 72, hypnogram: 62, strip: 15, band: 17 };
const GAP = 8;
/** The letters of the axis are the last ones of the ids of stages. */
const letterOf = (stage) => stage.at(-1);
/** From the top of a hypnogram. */
const LEVELS = HYPNOGRAM_ROWS.map(letterOf);
const NAMES = Object.fromEntries(HYPNOGRAM_ROWS.map((stage) => [letterOf(stage), stage]));
const CLEAR = "rgba(0,0,0,0)";
/** Without any gap Plotly tries a faster way with a style attribute, which the policy of the site forbids. */
const GAPS = { xgap: 0, ygap: 0.01 };

/** Seconds as a time of day, or since the start where no clock is known. */
export function timeOf(axis, epoch) {
  const s = Math.round((axis.start_s ?? 0) + epoch * EPOCH_S);
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const hours = axis.start_s === null ? s / 3600 : (s / 3600) % 24;
  return `${two(hours)}:${two((s / 60) % 60)}:${two(s % 60)}`;
}

/** The rows from the top: {kind, label, height, top}, with what is drawn in them. `all` opens the other scorers. */
export function rowsOf(axis, { all }) {
  const shown = axis.scorers.filter((row) => row.shown);
  const others = all ? axis.scorers.filter((row) => !row.shown) : [];
  const rows = [
    ...(axis.spectrogram ? [{ kind: "spectrogram", label: "Spectrogram" }] : []),
    ...shown.map((scorer) => ({ kind: "hypnogram", label: scorer.label, scorer })),
    ...others.map((scorer) => ({ kind: "strip", label: scorer.label, scorer })),
    ...(axis.given.length ? [{ kind: "band", label: "Disagreement", differ: axis.differ }] : []),
    ...axis.events.map(({ label, counts }) => ({ kind: "band", label, counts })),
  ];
  let top = 0;
  return rows.map((row, place) => {
    const height = HEIGHTS[row.kind];
    const placed = { ...row, height, top };
    // Strips lie close together, as one picture.
    top += height + (row.kind === "strip" && rows[place + 1]?.kind === "strip" ? 0 : GAP);
    return placed;
  });
}

/** What a row says of an epoch, and the page that a click there opens; "" where it opens none. */
export function saysOf(axis, row, epoch) {
  const at = `Epoch ${epoch + 1}, ${timeOf(axis, epoch)}`;
  if (row.scorer) {
    const note = row.scorer.note ? ` (${row.scorer.note})` : "";
    return `${at}<br>${plain(short(row.label, 60))}${note}: ${NAMES[row.scorer.stages[epoch]] ?? "not scored"}`;
  }
  if (row.differ) return `${at}<br>${row.differ[epoch]} of ${axis.given[epoch]} scorers are not in the majority`;
  if (row.counts) return `${at}<br>${plain(row.label)}: ${row.counts[epoch]}`;
  return at;
}

export function addressOf(axis, row, epoch) {
  const page = row.scorer?.address ?? axis.signals;
  return page ? `${page}?epoch=${epoch}` : "";
}

export function short(text, most) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

/** Where an epoch begins on the axis: milliseconds of a day, or hours where no clock is known. */
function scaleOf(axis) {
  if (axis.start_s === null) return { at: (epoch) => (epoch * EPOCH_S) / 3600, type: "linear" };
  return { at: (epoch) => (axis.start_s + epoch * EPOCH_S) * 1000, type: "date" };
}

/** Runs of the same letter: {letter, from, to}. */
function runsOf(letters) {
  const runs = [];
  for (let from = 0; from < letters.length; ) {
    let to = from + 1;
    while (to < letters.length && letters[to] === letters[from]) to++;
    runs.push({ letter: letters[from], from, to });
    from = to;
  }
  return runs;
}

function levelOf(row, letter) {
  return row.top + (row.height * (LEVELS.indexOf(letter) + 0.5)) / LEVELS.length;
}

/** The bouts of a stage in all open hypnograms, as one broken line. */
function boutsOf(rows, letter, { at }, ink) {
  const line = { x: [], y: [] };
  for (const row of rows) {
    for (const run of runsOf(row.scorer.stages).filter((each) => each.letter === letter)) {
      const y = levelOf(row, letter);
      line.x.push(at(run.from), at(run.to), null);
      line.y.push(y, y, null);
    }
  }
  const width = letter === "R" ? 5 : 3;
  return { type: "scatter", mode: "lines", hoverinfo: "skip", ...line, line: { color: ink.stages[letter], width } };
}

/** The steps between neighbouring bouts; none to or from what is not scored. */
function stepsOf(rows, { at }, ink) {
  const line = { x: [], y: [] };
  for (const row of rows) {
    runsOf(row.scorer.stages).forEach((run, place, runs) => {
      const before = runs[place - 1];
      if (!before || before.letter === "." || run.letter === ".") return;
      line.x.push(at(run.from), at(run.from), null);
      line.y.push(levelOf(row, before.letter), levelOf(row, run.letter), null);
    });
  }
  return { type: "scatter", mode: "lines", hoverinfo: "skip", ...line, line: { color: ink.step, width: 1 } };
}

function edgesOf(axis, { at }) {
  return Array.from({ length: axis.epochs + 1 }, (_, epoch) => at(epoch));
}

function heat(row, edges, z, more) {
  return {
    type: "heatmap", hoverinfo: "skip", showscale: false, x: edges, y: [row.top, row.top + row.height], z: [z], ...GAPS,
    ...more,
  };
}

/** A stage in colours along a strip. */
function stripOf(row, edges, ink) {
  const colours = LEVELS.flatMap((letter, level) =>
    [level, level + 1].map((edge) => [edge / LEVELS.length, ink.stages[letter]]));
  const z = [...row.scorer.stages].map((letter) => (letter === "." ? null : LEVELS.indexOf(letter)));
  return heat(row, edges, z, { zmin: -0.5, zmax: LEVELS.length - 0.5, colorscale: colours, ygap: 2 });
}

function bandOf(axis, row, edges, ink) {
  if (row.differ) {
    const z = row.differ.map((count, epoch) => (axis.given[epoch] ? count / axis.given[epoch] : 0));
    return heat(row, edges, z, { zmin: 0, zmax: 0.7, colorscale: [[0, CLEAR], [1, ink.danger]] });
  }
  return heat(row, edges, row.counts.map((count) => Math.min(count, 3)), {
    zmin: 0, zmax: 3, colorscale: [[0, CLEAR], [0.33, ink.event], [1, ink.event]],
  });
}

/** Invisible cells over all rows, which hear the pointer: customdata is the address of a cell. */
function cellsOf(axis, rows, edges) {
  const epochs = Array.from({ length: axis.epochs }, (_, epoch) => epoch);
  const bottom = rows.at(-1).top + rows.at(-1).height + GAP;
  return {
    type: "heatmap", showscale: false, opacity: 0, ...GAPS, x: edges, y: [...rows.map(({ top }) => top), bottom],
    z: rows.map(() => epochs.map(() => 0)),
    text: rows.map((row) => epochs.map((epoch) => saysOf(axis, row, epoch))),
    customdata: rows.map((row) => epochs.map((epoch) => addressOf(axis, row, epoch))),
    hovertemplate: "%{text}<extra></extra>",
  };
}

function lightsOf(axis, { at }, bottom, ink) {
  return axis.lights.map((epoch) => ({
    type: "line", x0: at(epoch), x1: at(epoch), y0: 0, y1: bottom, line: { color: ink.warning, width: 1, dash: "dash" },
  }));
}

function timeAxis(axis, { type, at }, ink) {
  const stops = [{ dtickrange: [null, 59_999], value: "%H:%M:%S" }, { dtickrange: [60_000, null], value: "%H:%M" }];
  const format = type === "date" ? { tickformatstops: stops } : { ticksuffix: " h" };
  return {
    type, range: [at(0), at(axis.epochs)], minallowed: at(0), maxallowed: at(axis.epochs), gridcolor: ink.grid,
    zeroline: false, automargin: true, ...format,
  };
}

function rowAxis(rows, bottom, most) {
  return {
    range: [bottom, 0], fixedrange: true, showgrid: false, zeroline: false, automargin: true, ticklen: 0,
    tickmode: "array", tickvals: rows.map((row) => row.top + row.height / 2),
    ticktext: rows.map((row) => plain(short(row.label, most))),
  };
}

/**
 * {data, layout, heightPx} for Plotly.
 *
 * @param {object} axis what the server says, see annotations/night/axis.py
 * @param {{all: boolean, most: number}} view whether all scorers are open, and how many letters a name may have
 * @param {object} ink colours: stages by letter, step, grid, danger, event, warning
 */
export function figureOf(axis, { all, most }, ink) {
  const rows = rowsOf(axis, { all });
  const scale = scaleOf(axis);
  const edges = edgesOf(axis, scale);
  const bottom = rows.at(-1).top + rows.at(-1).height;
  const ofKind = (kind) => rows.filter((row) => row.kind === kind);
  const hypnograms = ofKind("hypnogram");
  const images = ofKind("spectrogram").map((row) => ({
    source: axis.spectrogram, xref: "x", yref: "y", x: scale.at(0), y: row.top, sizing: "stretch", layer: "below",
    sizex: scale.at(axis.epochs) - scale.at(0), sizey: row.height,
  }));
  return {
    data: [
      ...ofKind("strip").map((row) => stripOf(row, edges, ink)),
      ...ofKind("band").map((row) => bandOf(axis, row, edges, ink)),
      stepsOf(hypnograms, scale, ink),
      ...LEVELS.map((letter) => boutsOf(hypnograms, letter, scale, ink)),
      cellsOf(axis, rows, edges),
    ],
    layout: {
      height: bottom + 44, dragmode: "zoom", images, shapes: lightsOf(axis, scale, bottom, ink),
      xaxis: timeAxis(axis, scale, ink), yaxis: rowAxis(rows, bottom, most),
    },
  };
}

/** The part of the axis to show after a button: [from, to], within the whole. */
export function zoomed([from, to], [first, last], how) {
  const width = to - from;
  const middle = (from + to) / 2;
  const wanted = {
    in: [middle - width / 4, middle + width / 4],
    out: [middle - width, middle + width],
    earlier: [from - width / 2, to - width / 2],
    later: [from + width / 2, to + width / 2],
    all: [first, last],
  }[how];
  const kept = Math.min(wanted[1] - wanted[0], last - first);
  const start = Math.min(Math.max(wanted[0], first), last - kept);
  return [start, start + kept];
}
