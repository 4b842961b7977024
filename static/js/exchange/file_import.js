// An import by drop or choice: files, a folder or a zip, sent together with the fields of the form; then its page.

import { send } from "../site/server.js";
import { filesOfDrop, whatIsSent } from "./dropped.js";

const MIB = 2 ** 20;

class FileImport {
  #form;
  #error;
  #status;

  constructor(form) {
    this.#form = form;
    this.#error = form.querySelector("[data-import-error]");
    this.#status = form.querySelector("[data-import-status]");
    for (const name of ["file", "folder"]) this.#attachInput(form.elements[name]);
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#attachDrop(form.querySelector("[data-drop]"));
  }

  #attachInput(input) {
    const take = () => {
      const files = [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
      input.value = "";
      if (files.length) this.#take(files);
    };
    input.addEventListener("change", take);
    take(); // files chosen before this module ran
  }

  #attachDrop(zone) {
    const over = (isOver) => (event) => {
      event.preventDefault();
      zone.toggleAttribute("data-over", isOver);
    };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", async (event) => {
      over(false)(event);
      this.#take(await filesOfDrop(event.dataTransfer));
    });
    // A file dropped beside the zone must not replace the page.
    for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
    zone.dataset.drop = "ready";
  }

  async #take(given) {
    const words = this.#status.querySelector("[data-words]");
    const bar = this.#status.querySelector("progress");
    this.#error.hidden = true;
    try {
      const files = whatIsSent(given, Number(this.#form.dataset.limitMib) * MIB, this.#form.dataset.kind);
      this.#status.hidden = false;
      const made = await send(this.#form.dataset.fileImport, this.#body(files), (event) => {
        bar.value = event.loaded / (event.total || 1);
        const mib = (event.loaded / MIB).toFixed(1);
        words.textContent = `${mib} MiB of ${files.length} file${files.length > 1 ? "s" : ""} sent`;
      });
      location.assign(made.address);
    } catch (error) {
      this.#status.hidden = true;
      this.#error.textContent = error.message;
      this.#error.hidden = false;
    }
  }

  #body(files) {
    const body = new FormData(this.#form);
    for (const name of ["file", "folder"]) body.delete(name);
    for (const { file, path } of files) {
      body.append("file", file);
      body.append("path", path);
    }
    return body;
  }
}

document.querySelectorAll("[data-file-import]").forEach((form) => new FileImport(form));
