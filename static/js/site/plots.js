// What plots of all pages share: Plotly, loaded with the first one, and texts, axes and colours as on the page.

import { colourOf } from "./dom.js";

export const SETTINGS = { responsive: true, displayModeBar: false };

let library = null;

export function loadPlotly(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return library;
}

/** A text as it is: what people wrote is never markup, which Plotly would read in it. */
export function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

export function axis(title, more = {}) {
  return {
    title: { text: title, standoff: 8 }, gridcolor: colourOf("--hairline"), linecolor: colourOf("--hairline-strong"),
    zeroline: false, automargin: true, fixedrange: true, ...more,
  };
}

/** Font, ground and margins of a plot in the theme of the page. */
export function layoutOf(more) {
  return {
    margin: { l: 8, r: 8, t: 8, b: 8 }, showlegend: false, hovermode: "closest",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colourOf("--text") },
    ...more,
  };
}
