// The marked events of the epoch as chips: each finds its wave, and goes away with Del or its cross.

import { element } from "./dom.js";
import { labelOf, placeAndSize } from "./evidence.js";

function chip(event, index) {
  return element(
    "li",
    { class: "chip", "data-kind": event.kind },
    element("button", { type: "button", "data-event": index, title: `${labelOf(event.kind)} in ${placeAndSize(event)} (Del removes it)` },
      `${labelOf(event.kind)} ${event.derivation} ${event.start_s.toFixed(1)} s`),
    element("button", { type: "button", tabindex: "-1", "data-remove": index, title: "Remove (Del)", "aria-label": `Remove ${labelOf(event.kind)}` }, "×"),
  );
}

export class EvidenceChips {
  #list;
  #drawn = "";

  /** `onLook(index)` when a chip is focused or clicked, -1 when left; `onRemove(index)`. */
  constructor({ list, onLook, onRemove }) {
    this.#list = list;
    const indexOf = (event, name) => {
      const button = event.target.closest(`[data-${name}]`);
      return button ? Number(button.dataset[name]) : null;
    };
    list.addEventListener("focusin", (event) => indexOf(event, "event") !== null && onLook(indexOf(event, "event")));
    list.addEventListener("focusout", () => onLook(-1));
    list.addEventListener("click", (event) => indexOf(event, "remove") !== null && onRemove(indexOf(event, "remove")));
    list.addEventListener("keydown", (event) => {
      const index = indexOf(event, "event");
      if (index === null || !["Delete", "Backspace", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") event.target.blur();
      else onRemove(index);
    });
  }

  show(evidence) {
    const state = JSON.stringify(evidence);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#list.replaceChildren(...evidence.map(chip));
  }

  /** Focus the chip after the focused one, the first after the last. */
  focusNext() {
    const chips = [...this.#list.querySelectorAll("[data-event]")];
    chips[(chips.indexOf(document.activeElement) + 1) % chips.length]?.focus();
    return chips.length > 0;
  }
}
