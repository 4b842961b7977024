// Colours and type of figures: those of the page on screen, black on white in what is downloaded.

import { colour } from "../workbench/palette.js";

const PAPER = {
  text: "#000000", muted: "#444444", grid: "#dddddd", axis: "#555555", ground: "#ffffff",
  inset: 8, point: "#00695a", soft: "#7a7a7a", claim: "#a33a2e", font: "Arial, Helvetica, sans-serif",
  // Okabe and Ito: orange for low, grey for the middle, blue for high; dark enough to tell in grey.
  levels: ["#d55e00", "#f0b27a", "#d0d0d0", "#7fb8dd", "#0072b2"],
  onLevels: ["#ffffff", "#000000", "#000000", "#000000", "#ffffff"],
};

export function screenInk() {
  return {
    ...PAPER,
    text: colour("--text"), muted: colour("--muted"), grid: colour("--hairline"), axis: colour("--hairline-strong"),
    ground: "rgba(0,0,0,0)", inset: 0, point: colour("--accent"), soft: colour("--muted"), claim: colour("--trace-reference"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

export function paperInk() {
  return PAPER;
}
