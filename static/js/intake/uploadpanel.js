// The uploads of the page: how far all of them and the running ones are, what failed, pause and another try.

import { element, setText } from "../site/dom.js";
import { count, fileName, fileNames, sentences, size } from "./words.js";

const MOST_ERRORS = 10;

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
    const { left, files, sent, total, running, isPaused, present, errors, canRetry } = this.#uploads.state;
    const parts = this.#parts;
    parts.uploads.hidden = !files && !present.length && !errors.length;
    parts.bar.hidden = !files;
    parts.bar.value = total ? sent / total : 1;
    const bytes = `${size(sent)} of ${size(total)}`;
    const uploaded = `${count(files, "file")} uploaded`;
    const here = present.length ? presentWords(present) : "";
    const done = left ? `${files - left} of ${uploaded}, ${bytes}` : files ? uploaded : "";
    setText(parts.uploadWords, [done, here].filter(Boolean).join("; "));
    setText(parts.uploadStatus, statusWords({ left, isPaused, here, errors, uploaded }));
    setText(parts.pause, isPaused ? "Continue uploads" : "Pause uploads");
    parts.pause.hidden = !left;
    parts.retry.hidden = !canRetry;
    parts.running.replaceChildren(
      ...running.map(({ path, share }) => element("li", {}, `${fileName(path)} ${Math.floor(share * 100)} %`)),
    );
    parts.uploadErrors.replaceChildren(
      ...errors.slice(0, MOST_ERRORS).map(({ path, words }) => errorItem(`${fileName(path)}: ${words}`)),
      ...(errors.length > MOST_ERRORS ? [errorItem(moreWords(errors.length - MOST_ERRORS))] : []),
    );
  }
}

function errorItem(words) {
  return element("li", { class: "notice notice--error" }, words);
}

/** Dropped again, as after an interruption, or in two windows. */
function presentWords(paths) {
  const passed = count(paths.length, "file was passed over", "files were passed over");
  return `${passed} because the queue has the same name and size: ${fileNames(paths)}`;
}

function moreWords(number) {
  return `${count(number, "more file was", "more files were")} not uploaded.`;
}

/** What a screen reader hears: the turns of the uploads, not each step. */
function statusWords({ left, isPaused, here, errors, uploaded }) {
  const failed = errors.length ? `${count(errors.length, "file")} not uploaded` : "";
  if (left) return isPaused ? "Uploads paused." : sentences("Uploading", failed);
  return sentences(uploaded, here, failed);
}
