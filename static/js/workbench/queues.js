// Several save queues as one: what is shown of them, and what waits in any of them.

// From the quietest to what most needs a person.
const GRAVITY = ["saved", "saving", "waiting", "refused", "signed-out", "conflict"];

export function joinedState(states) {
  const gravest = states.reduce((a, b) => (GRAVITY.indexOf(b.name) > GRAVITY.indexOf(a.name) ? b : a));
  const times = states.map(({ savedAt }) => savedAt).filter(Boolean);
  return {
    ...gravest,
    count: states.reduce((sum, { count }) => sum + count, 0),
    isClosed: states.some(({ isClosed }) => isClosed),
    savedAt: times.length ? new Date(Math.max(...times)) : null,
    written: states.every(({ written }) => written),
  };
}

/** "state" events as those of one queue. */
export class SaveQueues extends EventTarget {
  #queues;

  constructor(queues) {
    super();
    this.#queues = queues;
    for (const queue of queues) queue.addEventListener("state", () => this.dispatchEvent(new CustomEvent("state")));
  }

  get state() {
    return joinedState(this.#queues.map(({ state }) => state));
  }

  wake() {
    for (const queue of this.#queues) queue.wake();
  }
}
