// Colours of the style sheet for the canvas: custom properties hold light-dark() and must be resolved.

const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

export function colour(property) {
  probe.style.color = `var(${property})`;
  return getComputedStyle(probe).color;
}

/** Calls `redraw` when the theme is switched here or by the system. */
export function onThemeChange(redraw) {
  document.addEventListener("themechange", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

export function fontPx(sizePx) {
  return `${sizePx}px ${getComputedStyle(document.body).fontFamily}`;
}
