// Files on their way to the server, in pieces that can be continued: three at a time, with tus.

import { csrfToken } from "../site/server.js";

const AT_ONCE = 3;
const PIECE_BYTES = 8 * 2 ** 20;
const RETRIES_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
const HIDDEN = /(^|\/)(\.|__MACOSX)/;

export class Uploads {
  #api;
  #limitBytes;
  #onChange;
  #waiting = [];
  #running = new Map();
  #sent = { files: 0, bytes: 0 };
  #errors = [];
  #isPaused = false;

  /** `onChange()` after every progress; `api.uploads` is the address that makes an upload. */
  constructor({ api, limitBytes, onChange }) {
    this.#api = api;
    this.#limitBytes = limitBytes;
    this.#onChange = onChange;
  }

  /** Take files; those among `interrupted` that have the same name and size are continued. */
  add(given, interrupted = []) {
    const left = [...interrupted];
    for (const { file, path } of given) {
      if (HIDDEN.test(path)) continue;
      const refusal = this.#refusal(file);
      if (refusal) {
        this.#errors.push({ path, words: refusal });
        continue;
      }
      const at = left.findIndex((one) => one.name === path && one.size_bytes === file.size);
      const [before] = at < 0 ? [] : left.splice(at, 1);
      this.#waiting.push({ file, path, url: before?.upload_url ?? null, sent: before?.received_bytes ?? 0 });
    }
    this.#next();
  }

  #refusal(file) {
    if (!file.size) return "The file is empty.";
    if (this.#limitBytes && file.size > this.#limitBytes)
      return `The file is larger than ${this.#limitBytes / 2 ** 20} MiB, the limit here.`;
    return "";
  }

  get state() {
    const running = [...this.#running.keys()];
    const open = [...running, ...this.#waiting];
    const bytes = (list, of) => list.reduce((sum, one) => sum + of(one), 0);
    return {
      left: open.length,
      files: this.#sent.files + open.length,
      sent: this.#sent.bytes + bytes(open, (one) => one.sent),
      total: this.#sent.bytes + bytes(open, (one) => one.file.size),
      running: running.map(({ path, sent, file }) => ({ path, share: sent / file.size })),
      isPaused: this.#isPaused,
      errors: this.#errors,
    };
  }

  /** Names and sizes of what this page is sending: they are not interrupted. */
  isSending({ name, size_bytes: size }) {
    return [...this.#running.keys(), ...this.#waiting].some((one) => one.path === name && one.file.size === size);
  }

  pause() {
    this.#isPaused = true;
    for (const [one, upload] of this.#running) {
      upload.abort();
      one.url = upload.url ?? one.url;
      this.#waiting.unshift(one);
    }
    this.#running.clear();
    this.#onChange();
  }

  resume() {
    this.#isPaused = false;
    this.#next();
  }

  forgetErrors() {
    this.#errors = [];
  }

  #next() {
    while (!this.#isPaused && this.#waiting.length && this.#running.size < AT_ONCE) this.#start(this.#waiting.shift());
    this.#onChange();
  }

  #start(one) {
    const upload = new window.tus.Upload(one.file, {
      endpoint: this.#api.uploads,
      uploadUrl: one.url,
      chunkSize: PIECE_BYTES,
      retryDelays: RETRIES_MS,
      storeFingerprintForResuming: false,
      metadata: { filename: one.path },
      headers: { Accept: "application/json" },
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", csrfToken()),
      onProgress: (sent) => {
        one.sent = sent;
        this.#onChange();
      },
      onSuccess: () => this.#done(one),
      onError: (error) => this.#failed(one, error),
    });
    this.#running.set(one, upload);
    upload.start();
  }

  #done(one) {
    this.#running.delete(one);
    this.#sent.files += 1;
    this.#sent.bytes += one.file.size;
    this.#next();
  }

  #failed(one, error) {
    this.#running.delete(one);
    this.#errors.push({ path: one.path, words: whyNotSent(error) });
    this.#next();
  }
}

/** The server's sentence, or what a person can do where there is none. */
export function whyNotSent(error) {
  const answer = error.originalResponse;
  const status = answer?.getStatus?.() ?? 0;
  if (status === 401) return "You are signed out. Sign in, then choose the file again: it continues where it stopped.";
  try {
    const { detail } = JSON.parse(answer.getBody());
    if (detail) return detail;
  } catch {
    // No JSON came: the words below.
  }
  if (!status) return "The connection was interrupted. Choose the file again: it continues where it stopped.";
  return `The server answered ${status}. Choose the file again.`;
}
