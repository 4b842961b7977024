// Shows lights off and on: what lies outside them is shaded on the strip and on the traces, and the bar says when.

import { setText } from "./dom.js";
import { SIDES } from "./lights.js";
import { EPOCH_S } from "./scale.js";

const LABEL_PX = 130;

export class LightsView {
  #parts;
  #lights;
  #clock;
  #traces;
  #nightS;

  constructor({ parts, lights, clock, traces, epochCount }) {
    [this.#parts, this.#lights, this.#clock, this.#traces] = [parts, lights, clock, traces];
    this.#nightS = epochCount * EPOCH_S;
    lights.addEventListener("changed", () => this.#showAll());
    traces?.followers.push(() => this.show());
    this.#showAll();
  }

  /** The page has turned: the marks lie elsewhere on the traces. */
  show() {
    const page = this.#traces?.page;
    for (const side of SIDES) {
      const shade = this.#parts[`${side}Traces`];
      const at = this.#lights.at(side);
      shade.hidden = at === null || !page;
      if (!shade.hidden) this.#place(shade, side, this.#traces.xOf(at), page.width / devicePixelRatio);
    }
  }

  #showAll() {
    for (const side of SIDES) this.#showOnStrip(side);
    setText(this.#parts.lights, this.#words());
    this.show();
  }

  #showOnStrip(side) {
    const shade = this.#parts[`${side}Strip`];
    const at = this.#lights.at(side);
    shade.hidden = at === null;
    if (at === null) return;
    const share = Math.min(1, Math.max(0, at / this.#nightS));
    shade.style.width = `${100 * (side === "off" ? share : 1 - share)}%`;
    shade.title = this.#label(side);
  }

  #place(shade, side, x, width) {
    const shaded = side === "off" ? x : width - x;
    shade.style.width = `${Math.min(width, Math.max(0, shaded))}px`;
    shade.toggleAttribute("data-edge", x >= 0 && x <= width);
    shade.toggleAttribute("data-inwards", shaded < LABEL_PX);
    setText(shade.firstElementChild, this.#label(side));
  }

  #label(side) {
    return `lights ${side} ${this.#clock.timeAt(this.#lights.at(side))}`;
  }

  #words() {
    const [off, on] = SIDES.map((side) => this.#lights.at(side)).map((at) => at !== null && this.#clock.timeAt(at).slice(0, 5));
    if (off && on) return `lights ${off} to ${on}`;
    if (off) return `lights off ${off}`;
    return on ? `lights on ${on}` : "lights not marked";
  }
}
