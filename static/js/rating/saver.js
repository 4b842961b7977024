// Saving one rating as it grows: one request at a time, repeated until it is answered, kept on disk until then.

import { newUuid } from "../workbench/uuid.js";
import { contentOf, sameContent } from "./content.js";

const RETRY_MS = 3_000;
const KEY = "epochwise.rating.";

function disk(code) {
  const key = KEY + code;
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null; // storage may be forbidden; the page then holds the only copy
    }
  };
  return {
    read: () => attempt(() => JSON.parse(localStorage.getItem(key))),
    write: (body, wanted) => attempt(() => localStorage.setItem(key, JSON.stringify({ body, wanted }))),
    clear: () => attempt(() => localStorage.removeItem(key)),
  };
}

/** Events: "state" with detail saving, saved, offline, signed-out, conflict or closed. */
export class Saver extends EventTarget {
  #code;
  #send;
  #disk;
  #saved;
  #wanted;
  #sending = null;
  #activeMs = 0;
  #retry = 0;

  constructor({ code, rating, send }) {
    super();
    this.#code = code;
    this.#send = send;
    this.#disk = disk(code);
    this.version = rating.version;
    this.#saved = contentOf(rating);
    const left = this.#disk.read();
    this.#wanted = left ? contentOf(left.wanted) : this.#saved;
    if (left) this.#post(left.body);
  }

  get content() {
    return this.#wanted;
  }

  get settled() {
    return !this.#sending && !this.conflict && sameContent(this.#saved, this.#wanted);
  }

  want(content, activeMs = 0) {
    this.#wanted = content;
    this.#activeMs += activeMs;
    // What waits behind an unanswered save is kept as well: the tab may be closed before the answer.
    if (this.#sending) this.#disk.write(this.#sending, content);
    this.#next();
  }

  /** After a conflict: write mine over what is there now, or take that. */
  resolve(keepMine) {
    const { current } = this.conflict;
    this.conflict = null;
    this.version = current.version;
    this.#saved = contentOf(current);
    if (!keepMine) this.#wanted = this.#saved;
    this.#next();
    this.#tell("saved");
  }

  #next() {
    if (this.#sending || this.conflict || sameContent(this.#saved, this.#wanted)) return;
    const body = { ...this.#wanted, version: this.version, client_uuid: newUuid(), active_ms: this.#activeMs };
    this.#activeMs = 0;
    this.#post(body);
  }

  async #post(body) {
    this.#sending = body;
    this.#disk.write(body, this.#wanted);
    this.#tell("saving");
    try {
      this.#answered(await this.#send(this.#code, body));
    } catch (error) {
      this.#failed(error, body);
    }
  }

  #answered(answer) {
    this.#sending = null;
    this.version = answer.version;
    this.#saved = contentOf(answer);
    this.#disk.clear();
    this.#tell("saved", answer);
    this.#next();
  }

  #failed(error, body) {
    if (error.status === 409 && error.body.code === "stale") return this.#conflicted(error.body);
    if (error.status >= 400 && error.status < 500 && error.status !== 401) return this.#refused(error);
    this.#tell(error.status === 401 ? "signed-out" : "offline");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#post(body), RETRY_MS);
  }

  #conflicted(body) {
    this.#sending = null;
    this.#disk.clear();
    this.conflict = body;
    this.#tell("conflict", body);
  }

  #refused(error) {
    this.#sending = null;
    this.#disk.clear();
    this.#tell("refused", { detail: error.message });
  }

  #tell(state, more = {}) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, ...more } }));
  }
}
