// What lies under and over the traces and stays put when the page turns: grid, lines, labels, scales.

import { onBlack } from "./montage.js";
import { EPOCH_S, isNight, scaleBarUv } from "./scale.js";
import { colour, colourOn, fontPx } from "./palette.js";

const N3_CRITERION_UV = 37.5;
const MODEL_GRID = "#404040";
const BLACK_GRID = ["#1d2226", "#2d343a"];
const CLOCK_LABEL_PX = 76;
const CLOCK_EVERY_EPOCHS = [1, 2, 4, 10];

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

function gridInks(black) {
  return black ? BLACK_GRID : [colour("--trace-grid"), colour("--trace-grid-strong")];
}

/** Lines each second and stronger ones every 5 s; where they would crowd, each 5 s and every epoch. */
function grid(context, page, black, unit) {
  const [everyS, strongS] = page.pxPerS > 8 * unit ? [1, 5] : [5, EPOCH_S];
  const [quiet, strong] = gridInks(black);
  eachSecond(page, (second, x) => {
    if (second % everyS) return;
    context.strokeStyle = second % strongS ? quiet : strong;
    upright(context, x, 0, page.height);
  });
}

function hourGrid(context, page, hours, black) {
  [, context.strokeStyle] = gridInks(black);
  for (const { epoch } of hours) upright(context, page.epochX + epoch * page.epochPx, 0, page.height);
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

function middle(context, page, unit, black) {
  context.strokeStyle = colourOn(black, "--trace-middle");
  context.setLineDash([4 * unit, 4 * unit]);
  upright(context, page.epochX + page.epochPx / 2, 0, page.height);
  context.setLineDash([]);
}

function criterionLines(context, page, band, unit, black) {
  const distance = N3_CRITERION_UV * Math.abs(band.pxPerUv);
  context.strokeStyle = colourOn(black, "--trace-reference");
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

/** Times of the night at the starts of epochs: on a long page seconds alone say too little. */
function clockTimes(context, page, unit, timeAt, ink, halo) {
  const every = CLOCK_EVERY_EPOCHS.find((epochs) => epochs * page.epochPx > CLOCK_LABEL_PX * unit) ?? 20;
  const first = Math.ceil((page.sidePx - page.epochX) / page.epochPx);
  context.textAlign = "center";
  for (let offset = first; page.epochX + offset * page.epochPx < page.rightX; offset++) {
    const { label, epoch } = timeAt(offset);
    const x = page.epochX + offset * page.epochPx;
    if (epoch % every === 0) word(context, label, Math.max(x, page.sidePx + 30 * unit), page.height - 5 * unit, ink, halo);
  }
}

function hourNames(context, page, unit, hours, ink, halo) {
  context.textAlign = "center";
  for (const { epoch, label } of hours) {
    const x = Math.min(page.width - 20 * unit, Math.max(20 * unit, page.epochX + epoch * page.epochPx));
    word(context, label, x, page.height - 5 * unit, ink, halo);
  }
}

function scaleBar(context, page, band, unit, ink, halo) {
  const pxPerUv = Math.abs(band.pxPerUv);
  const uv = scaleBarUv(pxPerUv, 60 * unit);
  const x = page.rightX - 10 * unit;
  context.strokeStyle = ink;
  context.lineWidth = 1.5 * unit;
  upright(context, x, band.centrePx - (uv * pxPerUv) / 2, band.centrePx + (uv * pxPerUv) / 2);
  context.textAlign = "right";
  context.lineWidth = 3 * unit;
  word(context, `${uv} µV`, x - 6 * unit, band.centrePx + (uv * pxPerUv) / 2, ink, halo);
}

function criterionName(context, page, band, unit, halo, black) {
  const y = band.centrePx + N3_CRITERION_UV * Math.abs(band.pxPerUv) + 13 * unit;
  context.textAlign = "right";
  word(context, "±37.5 µV", page.lit.to - 8 * unit, y, colourOn(black, "--trace-reference"), halo);
}

/** Under the traces; `hours` are those of the night, for the page that holds all of it. */
export function drawUnder(context, { page, bands, settings, unit, hours }) {
  const black = onBlack(settings);
  context.fillStyle = colourOn(black, "--trace-ground");
  context.fillRect(0, 0, page.width, page.height);
  const isWhole = isNight(settings.pageS);
  context.lineWidth = unit;
  if (isWhole) hourGrid(context, page, hours, black);
  if (settings.model) return;
  if (!isWhole) grid(context, page, black, unit);
  const f4 = bands.find((band) => band.name === "F4-M1");
  if (f4) criterionLines(context, page, f4, unit, black);
  if (!isWhole) middle(context, page, unit, black);
}

/**
 * Over the traces: the sides' edges, names and scales; the model's grid, which its images have on top.
 * `timeAt(offset)` names the start of an epoch, counted from the one under scoring; null where no clock is known.
 */
export function drawOver(context, { page, bands, settings, unit, hours, timeAt }) {
  const black = onBlack(settings);
  const [halo, ink] = ["--trace-ground", "--trace-label"].map((property) => colourOn(black, property));
  const isWhole = isNight(settings.pageS);
  context.clearRect(0, 0, page.width, page.height);
  context.lineWidth = unit;
  if (settings.model && !isWhole) modelGrid(context, page, bands);
  context.strokeStyle = colour("--hairline-strong");
  if (!isWhole) for (const x of [page.epochX, page.epochX + page.epochPx]) upright(context, x, 0, page.height);
  context.font = fontPx(12 * unit);
  context.lineJoin = "round";
  context.lineWidth = 3 * unit;
  if (isWhole) hourNames(context, page, unit, hours, ink, halo);
  else seconds(context, page, unit, ink, halo);
  if (!isWhole && settings.pageS > EPOCH_S && timeAt) clockTimes(context, page, unit, timeAt, ink, halo);
  names(context, page, bands, unit, ink, halo, isWhole);
  const measured = bands.filter((band) => !band.isExtra);
  if (measured.length && !settings.model) scaleBar(context, page, measured[Math.min(1, measured.length - 1)], unit, ink, halo);
  const f4 = bands.find((band) => band.name === "F4-M1");
  if (f4 && !settings.model) criterionName(context, page, f4, unit, halo, black);
}

function names(context, page, bands, unit, ink, halo, isWhole) {
  const bandPx = page.height / bands.length;
  context.textAlign = "left";
  for (const band of bands) word(context, band.label ?? band.name, isWhole ? 4 * unit : page.sidePx + 8 * unit, band.centrePx - bandPx / 2 + 15 * unit, ink, halo);
}
