// The addresses of the intake queue.

import { json } from "../site/server.js";

export class IntakeApi {
  #root;
  queue = null;

  constructor({ root, queue }) {
    this.#root = root;
    this.queue = queue;
  }

  get #queueUrl() {
    return `${this.#root}${this.queue}/`;
  }

  get uploads() {
    return `${this.#queueUrl}uploads/`;
  }

  async open() {
    const made = await json(this.#root, "POST", {});
    this.queue = made.id;
    return made;
  }

  state(page) {
    return json(`${this.#queueUrl}?page=${page}`);
  }

  setPatterns(body) {
    return json(this.#queueUrl, "PATCH", body);
  }

  previewPatterns(body) {
    return json(`${this.#queueUrl}pattern/`, "POST", body);
  }

  discard() {
    return json(this.#queueUrl, "DELETE");
  }

  editNight(night, body) {
    return json(`${this.#queueUrl}nights/${night}/`, "PATCH", body);
  }

  removeNight(night) {
    return json(`${this.#queueUrl}nights/${night}/`, "DELETE");
  }

  answer(night, body) {
    return json(`${this.#queueUrl}nights/${night}/answers/`, "POST", body);
  }

  mapChannels(night, body) {
    return json(`${this.#queueUrl}nights/${night}/channels/`, "POST", body);
  }

  signals(night, window) {
    return json(`${this.#queueUrl}nights/${night}/signals/?window=${window}`);
  }

  editFile(file, body) {
    return json(`${this.#queueUrl}files/${file}/`, "PATCH", body);
  }

  removeFile(file) {
    return json(`${this.#queueUrl}files/${file}/`, "DELETE");
  }

  importNights(nights) {
    return json(`${this.#queueUrl}import/`, "POST", nights ? { nights } : {});
  }
}
