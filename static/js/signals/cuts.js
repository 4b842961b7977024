// The table of filters in the display dialog. Loaded with it.

import { element } from "../site/dom.js";
import { FILTERED_KINDS, HIGHEST_HZ, LOWEST_HZ, OF_DERIVATIONS, OFF, problemOf, SIDES } from "./channels.js";

const HEADS = { low: "low cut", high: "high cut", notch: "notch" };

/**
 * Rows of the table: a box for each side of each kind; an empty box is off.
 *
 * @param {{cuts: () => object, mainsHz: number, onChange: (cuts: object) => void}} given `cuts()` are those in force;
 *   `onChange` gets sound ones only
 */
export function cutRows({ cuts, mainsHz, onChange }) {
  return Object.entries(FILTERED_KINDS).map(([kind, { name, aasm }]) => {
    const stored = { ...aasm, notch: mainsHz };
    const present = cuts()[kind] ?? (OF_DERIVATIONS.includes(kind) ? stored : OFF);
    const boxes = Object.fromEntries(SIDES.map((side) => [side, box(`${HEADS[side]} of ${name}`, present[side])]));
    const problem = element("p", { class: "field__errors", role: "alert", hidden: true });
    const change = () => {
      const cut = Object.fromEntries(SIDES.map((side) => [side, valueOf(boxes[side])]));
      const why = problemOf(cut);
      problem.hidden = !why;
      problem.textContent = why ?? "";
      if (!why) onChange({ ...cuts(), [kind]: cut });
    };
    for (const input of Object.values(boxes)) input.addEventListener("change", change);
    return element("tr", {},
      element("th", { scope: "row" }, name, problem),
      ...SIDES.map((side) => element("td", {}, boxes[side])));
  });
}

function box(label, hz) {
  return element("input", {
    type: "number", min: String(LOWEST_HZ), max: String(HIGHEST_HZ), step: "any", placeholder: "off",
    value: hz === null ? "" : String(hz), "aria-label": label, "data-row-control": label, class: "num",
  });
}

function valueOf(input) {
  return input.value === "" && !input.validity.badInput ? null : input.valueAsNumber;
}
