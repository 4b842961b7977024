// Colours of the style sheet for the canvas: custom properties hold light-dark() and must be resolved.

let probe = null;

function hiddenElement() {
  const made = document.createElement("i");
  made.hidden = true;
  document.body.append(made);
  return made;
}

export function colourOf(property) {
  probe ??= hiddenElement();
  probe.style.color = `var(${property})`;
  return getComputedStyle(probe).color;
}

// What the theme for dark rooms has: on the black of the published images, whatever the theme.
const ON_BLACK = { "--trace-reference": "#d9776a", "--trace-middle": "#5fcbb4", "--accent": "#5fcbb4", "--trace-label": "#c8c8c8", "--trace-ground": "#000000" };

export function colourOn(isBlack, property) {
  return isBlack ? ON_BLACK[property] : colourOf(property);
}

/** Calls `redraw` when the theme is switched here or by the system. */
export function onThemeChange(redraw) {
  document.addEventListener("themechange", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

export function fontPx(sizePx) {
  return `${sizePx}px ${getComputedStyle(document.body).fontFamily}`;
}
