// Uploads by drag and drop: a row and a bar for each file, sent file after file.

import { send } from "../site/server.js";

const MIB = 2 ** 20;

class Upload {
  #form;
  #list;
  #row;

  constructor(form) {
    this.#form = form;
    this.#list = form.querySelector("[data-upload-files]");
    this.#row = form.querySelector("[data-upload-row]");
    const input = form.querySelector("input[name=file]");
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      this.#take(files);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#attachDrop(form.querySelector("[data-drop]"));
  }

  #attachDrop(zone) {
    const over = (isOver) => (event) => {
      event.preventDefault();
      zone.toggleAttribute("data-over", isOver);
    };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      over(false)(event);
      this.#take([...event.dataTransfer.files]);
    });
    // A file dropped beside the zone must not replace the page.
    for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  }

  async #take(files) {
    const rows = files.map((file) => ({ file, row: this.#addRow(file) }));
    const done = [];
    for (const { file, row } of rows) {
      const recording = await this.#sendFile(file, row, files.length === 1);
      if (recording) done.push(recording);
    }
    if (files.length === 1 && done.length === 1) location.assign(`/recordings/${done[0].id}/`);
  }

  #addRow(file) {
    const row = this.#row.content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("[data-words]").textContent = "waiting";
    this.#list.append(row);
    return row;
  }

  async #sendFile(file, row, isOnly) {
    const words = row.querySelector("[data-words]");
    const bar = row.querySelector("progress");
    const limit = Number(this.#form.dataset.limitMib) * MIB;
    try {
      if (limit && file.size > limit)
        throw new Error(`The file is larger than ${limit / MIB} MiB, the limit here. Nothing was sent.`);
      const recording = await send(this.#form.dataset.upload, this.#body(file, isOnly), (event) => {
        bar.value = event.loaded / (event.total || file.size);
        words.textContent = `${(event.loaded / MIB).toFixed(1)} of ${(file.size / MIB).toFixed(1)} MiB`;
      });
      this.#settle(row, recording);
      return recording;
    } catch (error) {
      words.textContent = "not added";
      bar.hidden = true;
      const notice = row.querySelector("[data-error]");
      notice.textContent = error.message;
      notice.hidden = false;
      return null;
    }
  }

  #settle(row, recording) {
    row.querySelector("progress").value = 1;
    const link = document.createElement("a");
    link.href = `/recordings/${recording.id}/`;
    link.textContent = `uploaded as ${recording.name}`;
    row.querySelector("[data-words]").replaceChildren(link);
  }

  /** Subject, stages and start belong to a single recording: with several files they are left out. */
  #body(file, isOnly) {
    const body = new FormData();
    body.append("file", file);
    if (!isOnly) return body;
    for (const name of ["subject", "stages_scorer", "stage_codes", "epoch_start_s"]) {
      const value = this.#form.elements[name].value.trim();
      if (value) body.append(name, value);
    }
    const [stages] = this.#form.elements.stages.files;
    if (stages) body.append("stages", stages);
    return body;
  }
}

document.querySelectorAll("[data-upload]").forEach((form) => new Upload(form));
