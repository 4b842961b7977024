// Undo and redo over the whole session: a list of changes, each with both sides.

export class UndoStack {
  #done = [];
  #undone = [];

  /** Remember a change. Typing on in the same field of the same epoch is one change. */
  push({ epoch, before, after, field }) {
    this.#undone = [];
    const last = this.#done.at(-1);
    if (field === "rationale" && last?.field === field && last.epoch === epoch && !last.closed) last.after = after;
    else this.#done.push({ epoch, before, after, field, closed: false });
  }

  /** The next keystroke starts a change of its own. */
  close() {
    const last = this.#done.at(-1);
    if (last) last.closed = true;
  }

  undo() {
    return this.#move(this.#done, this.#undone);
  }

  redo() {
    return this.#move(this.#undone, this.#done);
  }

  #move(from, to) {
    const change = from.pop();
    if (!change) return null;
    to.push({ ...change, closed: true });
    return change;
  }
}
