// An import by drop or choice: files, a folder or a zip, sent together with the fields of the form; then its page.

import { send } from "../site/server.js";
import { attachDrop, filesOfInput } from "../site/dropped.js";
import { whatIsSent } from "./dropped.js";

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
    attachDrop(form.querySelector("[data-drop]"), (files) => this.#take(files));
  }

  #attachInput(input) {
    const take = () => {
      const files = filesOfInput(input);
      input.value = "";
      if (files.length) this.#take(files);
    };
    input.addEventListener("change", take);
    take(); // files chosen before this module ran
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
