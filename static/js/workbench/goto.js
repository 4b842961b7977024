// "Go to": an epoch as people count it, from 1, or a time of the night.

export class GotoDialog {
  #parts;

  constructor({ parts, store, clock, onGo }) {
    this.#parts = parts;
    parts.gotoForm.addEventListener("submit", (event) => {
      event.preventDefault();
      const epoch = epochFrom(parts.gotoInput.value.trim(), store, clock);
      parts.gotoError.hidden = epoch !== null;
      if (epoch === null) return;
      parts.gotoDialog.close();
      onGo(epoch);
    });
  }

  open() {
    this.#parts.gotoInput.value = "";
    this.#parts.gotoError.hidden = true;
    this.#parts.gotoDialog.showModal();
  }
}

function epochFrom(text, store, clock) {
  if (text.includes(":")) return clock.epochAt(text, store.epochCount);
  const epoch = Number(text) - 1;
  return text !== "" && Number.isInteger(epoch) && epoch === store.clamp(epoch) ? epoch : null;
}
