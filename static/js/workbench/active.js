// Time at work: what passes between two signs of life, as long as they are not too far apart.

const LONGEST_PAUSE_MS = 20_000;
const SIGNS = ["keydown", "pointermove", "pointerdown", "wheel"];

export class ActiveTime {
  #since = performance.now();
  #ms = 0;

  constructor(target) {
    for (const sign of SIGNS) target.addEventListener(sign, () => this.#count(), { passive: true, capture: true });
  }

  /** Milliseconds since the last call; the sum over all calls is the time spent. */
  takeMs() {
    this.#count();
    const taken = this.#ms;
    this.#ms = 0;
    return taken;
  }

  #count() {
    const now = performance.now();
    this.#ms += Math.min(now - this.#since, LONGEST_PAUSE_MS);
    this.#since = now;
  }
}
