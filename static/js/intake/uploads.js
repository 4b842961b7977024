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
  #sent = [];
  #present = [];
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
        this.#errors.push({ path, words: refusal, retry: null });
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
      files: this.#sent.length + open.length,
      sent: bytes(this.#sent, (one) => one.file.size) + bytes(open, (one) => one.sent),
      total: bytes([...this.#sent, ...open], (one) => one.file.size),
      running: running.map(({ path, sent, file }) => ({ path, share: sent / file.size })),
      isPaused: this.#isPaused,
      present: this.#present,
      errors: this.#errors,
      canRetry: this.#errors.some(({ retry }) => retry),
    };
  }

  /** Whether this page has the file and sends, sent or can send it: such a file is not interrupted. */
  has({ name, size_bytes: size }) {
    const failed = this.#errors.map(({ retry }) => retry).filter(Boolean);
    const known = [...this.#running.keys(), ...this.#waiting, ...this.#sent, ...failed];
    return known.some((one) => one.path === name && one.file.size === size);
  }

  pause() {
    this.#isPaused = true;
    for (const [one, upload] of [...this.#running].reverse()) {
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

  /** Send again what failed, from where it stopped; what this page refused stays refused. */
  retry() {
    this.#waiting.push(...this.#errors.map(({ retry }) => retry).filter(Boolean));
    this.#errors = this.#errors.filter(({ retry }) => !retry);
    this.#next();
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
      onShouldRetry: canHelp,
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

  /** Whether this page sends another file of the same name, as from two folders that were not dropped with it. */
  #isAnother({ path, file }) {
    const others = [...this.#running.keys(), ...this.#sent].filter((other) => other.path === path);
    return others.some((other) => other.file.lastModified !== file.lastModified);
  }

  #done(one) {
    this.#running.delete(one);
    this.#sent.push(one);
    this.#next();
  }

  #failed(one, error) {
    one.url = this.#running.get(one)?.url ?? one.url;
    this.#running.delete(one);
    if (isPresent(error, one.file.size) && !this.#isAnother(one)) this.#present.push(one.path);
    else this.#errors.push({ path: one.path, words: whyNotSent(error), retry: one });
    this.#next();
  }
}

/** Whether sending again can help: after a lost connection, and where the server can take it in a moment. */
export function canHelp(error) {
  const status = error.originalResponse?.getStatus?.() ?? 0;
  if (status >= 400 && status < 500) return status === 423 || codeOf(error) === "offset";
  return status !== 507; // a full disk stays full for longer
}

/** Whether a file was refused because the queue has one with its name and size. */
function isPresent(error, size) {
  return codeOf(error) === "name_taken" && bodyOf(error).size_bytes === size;
}

function codeOf(error) {
  return bodyOf(error).code ?? "";
}

function bodyOf(error) {
  try {
    return JSON.parse(error.originalResponse.getBody());
  } catch {
    return {}; // no JSON came
  }
}

/** The server's sentence, or what a person can do where there is none. */
export function whyNotSent(error) {
  const answer = error.originalResponse;
  const status = answer?.getStatus?.() ?? 0;
  if (status === 401) return "You are signed out. Sign in again in another window, then try again here.";
  const { detail } = bodyOf(error);
  if (detail) return detail;
  if (!status) return "The connection was interrupted. Try again: the upload continues where it stopped.";
  return `The server answered ${status}. Files on the server are safe. Try again.`;
}
