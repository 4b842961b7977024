// What lies under and over the traces and stays put when the page turns: grid, lines, labels, scales.

import { onBlack } from "./montage.js";
import { EPOCH_S, scaleBarUv } from "./scale.js";
import { colour, fontPx } from "./palette.js";

const N3_CRITERION_UV = 37.5;
const MODEL_GRID = "#404040";
const BLACK_GRID = ["#1d2226", "#2d343a"];

function upright(context, x, from, to) {
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, from);
  context.lineTo(Math.round(x) + 0.5, to);
  context.stroke();
}

function level(context, y, from, to) {
  context.beginPath();
  context.moveTo(from, Math.round(y) + 0.5);
  context.lineTo(to, Math.round(y) + 0.5);
  context.stroke();
}

function eachSecond(page, draw) {
  const first = Math.ceil(-page.epochX / page.pxPerS);
  const last = Math.floor((page.width - page.epochX) / page.pxPerS);
  for (let second = first; second <= last; second++) draw(second, page.epochX + second * page.pxPerS);
}

function grid(context, page, black) {
  const everyS = page.pxPerS > 8 ? 1 : 5;
  eachSecond(page, (second, x) => {
    if (second % everyS) return;
    context.strokeStyle = black ? BLACK_GRID[second % 5 ? 0 : 1] : colour(second % 5 ? "--trace-grid" : "--trace-grid-strong");
    upright(context, x, 0, page.height);
  });
}

function modelGrid(context, page, bands) {
  context.strokeStyle = MODEL_GRID;
  eachSecond(page, (second, x) => {
    context.globalAlpha = second % 5 ? 0.6 : 0.8;
    upright(context, x, 0, page.height);
  });
  context.globalAlpha = 0.8;
  bands.slice(1).forEach((_, index) => level(context, ((index + 1) * page.height) / bands.length, 0, page.width));
  context.globalAlpha = 1;
}

function middle(context, page, unit) {
  context.strokeStyle = colour("--trace-middle");
  context.setLineDash([4 * unit, 4 * unit]);
  upright(context, page.epochX + page.epochPx / 2, 0, page.height);
  context.setLineDash([]);
}

function criterionLines(context, page, band, unit) {
  const distance = N3_CRITERION_UV * Math.abs(band.pxPerUv);
  context.strokeStyle = colour("--trace-reference");
  context.setLineDash([2 * unit, 3 * unit]);
  for (const y of [band.centrePx - distance, band.centrePx + distance]) level(context, y, page.lit.from, page.lit.to);
  context.setLineDash([]);
}

function word(context, text, x, y, ink, halo) {
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

function seconds(context, page, unit, ink, halo) {
  const everyS = page.pxPerS * 5 > 40 * unit ? 5 : 10;
  if (page.epochPx < 200 * unit) return;
  context.textAlign = "center";
  for (let second = everyS; second < EPOCH_S; second += everyS) {
    const x = page.epochX + second * page.pxPerS;
    if (x > page.lit.from && x < page.lit.to) word(context, `${second} s`, x, page.height - 5 * unit, ink, halo);
  }
}

function scaleBar(context, page, band, unit, ink, halo) {
  const pxPerUv = Math.abs(band.pxPerUv);
  const uv = scaleBarUv(pxPerUv, 60 * unit);
  const x = page.sidePx + page.mainPx - 10 * unit;
  context.strokeStyle = ink;
  context.lineWidth = 1.5 * unit;
  upright(context, x, band.centrePx - (uv * pxPerUv) / 2, band.centrePx + (uv * pxPerUv) / 2);
  context.textAlign = "right";
  context.lineWidth = 3 * unit;
  word(context, `${uv} µV`, x - 6 * unit, band.centrePx + (uv * pxPerUv) / 2, ink, halo);
}

function criterionName(context, page, band, unit, halo) {
  const y = band.centrePx + N3_CRITERION_UV * Math.abs(band.pxPerUv) + 13 * unit;
  context.textAlign = "right";
  word(context, "±37.5 µV", page.lit.to - 8 * unit, y, colour("--trace-reference"), halo);
}

/** Under the traces. */
export function drawUnder(context, { page, bands, settings, unit }) {
  context.fillStyle = onBlack(settings) ? "#000000" : colour("--trace-ground");
  context.fillRect(0, 0, page.width, page.height);
  if (settings.model) return;
  context.lineWidth = unit;
  grid(context, page, onBlack(settings));
  const f4 = bands.find((band) => band.name === "F4-M1");
  if (f4) criterionLines(context, page, f4, unit);
  middle(context, page, unit);
}

/** Over the traces: the sides' edges, names and scales; the model's grid, which its images have on top. */
export function drawOver(context, { page, bands, settings, unit }) {
  const halo = onBlack(settings) ? "#000000" : colour("--trace-ground");
  const ink = onBlack(settings) ? "#c8c8c8" : colour("--trace-label");
  context.clearRect(0, 0, page.width, page.height);
  context.lineWidth = unit;
  if (settings.model) modelGrid(context, page, bands);
  context.strokeStyle = colour("--hairline-strong");
  for (const x of [page.epochX, page.epochX + page.epochPx]) upright(context, x, 0, page.height);
  context.font = fontPx(12 * unit);
  context.lineJoin = "round";
  context.lineWidth = 3 * unit;
  seconds(context, page, unit, ink, halo);
  context.textAlign = "left";
  const bandPx = page.height / bands.length;
  for (const band of bands) word(context, band.label ?? band.name, page.sidePx + 8 * unit, band.centrePx - bandPx / 2 + 15 * unit, ink, halo);
  const measured = bands.filter((band) => !band.isExtra);
  if (measured.length && !settings.model) scaleBar(context, page, measured[Math.min(1, measured.length - 1)], unit, ink, halo);
  const f4 = bands.find((band) => band.name === "F4-M1");
  if (f4 && !settings.model) criterionName(context, page, f4, unit, halo);
}
