// The images of an item. A model sees no names, so they stand beside the image to judge, not in it.

import { element } from "../workbench/dom.js";

/** The image in its frame; the target has the derivations at the left of their bands, which are equally high. */
export function framed(image, which, derivations) {
  const names = which === "target" ? [namesOf(derivations)] : [];
  const pixels = element("div", { class: "epoch-image__pixels" }, image);
  return element("figure", { class: `epoch-image ${which}` }, ...names, pixels);
}

function namesOf(derivations) {
  const names = derivations.map((derivation) => element("li", {}, derivation));
  return element("ul", { class: "epoch-image__names", "aria-label": "Derivations, from the top" }, ...names);
}

/** What stands in place of a neighbour outside the recording. */
export function edge() {
  return element("p", { class: "rate__edge muted" }, "the recording ends here");
}
