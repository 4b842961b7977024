// The uploads of the page: how far all of them and the running ones are, what failed, pause and another try.

import { element, setText } from "../site/dom.js";
import { count, fileName, size } from "./words.js";

export class UploadPanel {
  #parts;
  #uploads;

  constructor({ parts, uploads }) {
    this.#parts = parts;
    this.#uploads = uploads;
    parts.pause.addEventListener("click", () => (uploads.state.isPaused ? uploads.resume() : uploads.pause()));
    parts.retry.addEventListener("click", () => uploads.retry());
  }

  show() {
    const { left, files, sent, total, running, isPaused, errors, canRetry } = this.#uploads.state;
    const parts = this.#parts;
    parts.uploads.hidden = !files && !errors.length;
    parts.bar.hidden = !files;
    parts.bar.value = total ? sent / total : 1;
    const bytes = `${size(sent)} of ${size(total)}`;
    const uploaded = `${count(files, "file")} uploaded`;
    setText(parts.uploadWords, left ? `${files - left} of ${uploaded}, ${bytes}` : files ? uploaded : "");
    setText(parts.uploadStatus, statusWords({ left, isPaused, errors, uploaded }));
    setText(parts.pause, isPaused ? "Continue uploads" : "Pause uploads");
    parts.pause.hidden = !left;
    parts.retry.hidden = !canRetry;
    parts.running.replaceChildren(
      ...running.map(({ path, share }) => element("li", {}, `${fileName(path)} ${Math.floor(share * 100)} %`)),
    );
    parts.uploadErrors.replaceChildren(
      ...errors.map(({ path, words }) =>
        element("li", { class: "notice notice--error" }, `${fileName(path)}: ${words}`),
      ),
    );
  }
}

/** What a screen reader hears: the turns of the uploads, not each step. */
function statusWords({ left, isPaused, errors, uploaded }) {
  const failed = errors.length ? ` ${count(errors.length, "file")} not uploaded.` : "";
  if (left) return isPaused ? "Uploads paused." : `Uploading.${failed}`;
  return `${uploaded}.${failed}`;
}
