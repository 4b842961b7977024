// The page of the intake queue: uploads, nights, questions, import. What the server has is polled while it works.

import { attachDrop, filesOfInput } from "../site/dropped.js";
import { element, partsOf, setText } from "../site/dom.js";
import { IntakeApi } from "./api.js";
import { NightDetails } from "./night.js";
import { Patterns } from "./patterns.js";
import { NightTable } from "./table.js";
import { UploadPanel } from "./uploadpanel.js";
import { Uploads } from "./uploads.js";
import { count, fileName, fileNames } from "./words.js";

const BUSY_MS = 1500;
const QUIET_MS = 15_000;

class IntakePage {
  #parts;
  #api;
  #uploads;
  #table;
  #details;
  #patterns;
  #pages;
  #state = null;
  #page = 1;
  #timer = null;
  #loading = false;
  #isStale = false;
  #panel;

  constructor(root) {
    this.#parts = partsOf(root);
    this.#pages = root.dataset.pages;
    this.#api = new IntakeApi({ root: root.dataset.api, queue: Number(root.dataset.queue) || null });
    this.#uploads = new Uploads({
      api: this.#api,
      limitBytes: Number(root.dataset.limitMib) * 2 ** 20,
      onChange: () => this.#showUploads(),
    });
    this.#panel = new UploadPanel({ parts: this.#parts, uploads: this.#uploads });
    this.#details = new NightDetails({
      api: this.#api,
      act: (act) => this.#try(act),
      onChange: () => this.#load(),
      importNight: (id) => this.#import([id]),
      others: () => this.#state?.nights ?? [],
    });
    this.#table = new NightTable({
      body: this.#parts.nights,
      details: (night) => this.#details.render(night),
      edit: (night, body) => this.#try(() => this.#api.editNight(night.id, body)),
    });
    this.#patterns = new Patterns({
      form: this.#parts.patterns,
      api: this.#api,
      onSaved: (state) => this.#show(state),
    });
    this.#attach(root);
    const first = document.getElementById("intake-state");
    if (first) this.#show(JSON.parse(first.textContent));
  }

  #attach(root) {
    attachDrop(root.querySelector("[data-drop]"), (files) => this.#take(files));
    for (const name of ["files", "folder"])
      this.#parts[name].addEventListener("change", (event) => {
        const files = filesOfInput(event.target);
        event.target.value = "";
        this.#take(files);
      });
    const { importAll, discard, confirmDiscard, previous, next } = this.#parts;
    importAll.addEventListener("click", () => this.#import());
    discard.addEventListener("click", () => confirmDiscard.showModal());
    confirmDiscard.addEventListener("close", () => {
      if (confirmDiscard.returnValue === "discard") this.#discard();
    });
    previous.addEventListener("click", () => this.#turn(-1));
    next.addEventListener("click", () => this.#turn(1));
    window.addEventListener("beforeunload", (event) => {
      if (this.#uploads.state.left) event.preventDefault();
    });
  }

  async #take(files) {
    if (!files.length) return;
    await this.#try(async () => {
      if (!this.#api.queue || this.#state?.state !== "open") {
        this.#show(await this.#api.open());
        history.replaceState(null, "", `${this.#pages}${this.#api.queue}/`);
      }
      this.#uploads.add(files, this.#interrupted());
    });
  }

  #interrupted() {
    return (this.#state?.files ?? []).filter((file) => file.state === "receiving" && !this.#uploads.has(file));
  }

  /** Import these recordings, or all that are ready. */
  async #import(nights) {
    await this.#try(async () => {
      const { imported, refused } = await this.#api.importNights(nights);
      const words = [`${count(imported.length, "recording")} added.`, ...refused.map(({ error }) => error)];
      this.#say(words.join(" "), refused.length ? "warning" : "success");
    });
  }

  async #discard() {
    await this.#try(async () => {
      if (this.#uploads.state.left) this.#uploads.pause();
      await this.#api.discard();
      location.assign(this.#pages);
    });
  }

  async #turn(by) {
    this.#page += by;
    await this.#load();
    this.#parts.table.focus({ preventScroll: true });
    this.#parts.table.scrollIntoView();
  }

  /** Do an act and load what came of it; a refusal is shown in words. Gives whether it was done. */
  async #try(act) {
    this.#say("");
    let isDone = true;
    try {
      await act();
    } catch (error) {
      isDone = false;
      this.#say(error.message, "error");
    }
    await this.#load();
    return isDone;
  }

  #say(words, kind) {
    this.#parts.notice.hidden = !words;
    this.#parts.notice.className = `notice notice--${kind}`;
    setText(this.#parts.notice, words);
  }

  async #load() {
    this.#isStale = true;
    if (!this.#api.queue || this.#loading) return;
    this.#loading = true;
    try {
      // What was asked for before an act may come after it, without what the act did.
      while (this.#isStale) {
        this.#isStale = false;
        this.#show(await this.#api.state(this.#page));
      }
      this.#sayConnection("");
    } catch (error) {
      this.#sayConnection(connectionWords(error));
      this.#later(QUIET_MS);
    } finally {
      this.#loading = false;
    }
  }

  #sayConnection(words) {
    this.#parts.connection.hidden = !words;
    setText(this.#parts.connection, words);
  }

  #later(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), ms);
  }

  #show(state) {
    this.#state = state;
    this.#page = state.page;
    const counts = { ...state.counts, checking: beingChecked(state.files) };
    const parts = this.#parts;
    parts.queue.hidden = !counts.files && state.state === "open";
    parts.noWorker.hidden = !(state.no_worker && state.is_busy);
    this.#table.show(state.nights);
    parts.table.hidden = !state.nights.length;
    parts.noNights.hidden = Boolean(state.nights.length || counts.checking);
    this.#table.openFirst(state.nights);
    this.#patterns.show(state);
    this.#showFiles(state.files);
    setText(parts.counts, countWords(counts));
    setText(parts.importAll, counts.ready ? `Import ${count(counts.ready, "recording")}` : "Import recordings");
    parts.acts.hidden = state.state !== "open";
    parts.importAll.disabled = !counts.ready;
    setText(parts.why, counts.ready ? "" : whyNone(counts));
    parts.pages.hidden = state.pages < 2;
    setText(parts.page, `Page ${state.page} of ${state.pages}`);
    parts.previous.disabled = state.page <= 1;
    parts.next.disabled = state.page >= state.pages;
    parts.interrupted.hidden = !this.#interrupted().length;
    setText(parts.interrupted, interruptedWords(this.#interrupted()));
    this.#later(state.is_busy || this.#uploads.state.left ? BUSY_MS : QUIET_MS);
  }

  /** Files that belong to no night: those that cannot be used, and when all are matched, what is left over. */
  #showFiles(files) {
    const isMatched = !beingChecked(files);
    const shown = files.filter(({ state }) => state === "refused" || (state === "ready" && isMatched));
    this.#parts.others.hidden = !shown.length;
    const now = JSON.stringify(shown);
    if (this.#parts.otherFiles.dataset.shown === now) return;
    this.#parts.otherFiles.dataset.shown = now;
    this.#parts.otherFiles.replaceChildren(...shown.map((file) => this.#otherFile(file)));
  }

  #otherFile(file) {
    if (file.kind === "stages") return element("li", {}, this.#details.stageFile(file));
    return element(
      "li",
      { class: "intake-stagefile" },
      element("b", { title: file.name }, fileName(file.name)),
      element("p", {}, `${file.state_label}. ${file.error}`),
      this.#details.removal(file),
    );
  }

  #showUploads() {
    this.#panel.show();
    if (!this.#uploads.state.left) this.#load();
    else if (!this.#timer) this.#later(BUSY_MS);
  }
}

function connectionWords({ status, message }) {
  if (status === 401) return "You are signed out. Sign in again in another window; the files on the server are safe.";
  if (!status) return "The server does not answer. The page tries again; the files on the server are safe.";
  return message;
}

/** How many files a worker has not looked at yet; all are matched to recordings when there are none. */
function beingChecked(files) {
  return files.filter(({ state }) => ["waiting", "reading"].includes(state)).length;
}

function countWords({ checking, nights, ready, questions, refused, waiting, importing, failed, imported }) {
  const parts = [
    [ready, "ready"],
    [questions, "with questions"],
    [waiting, "being examined"],
    [refused, "refused"],
    [importing, "being imported"],
    [failed, "not imported"],
    [imported, "imported"],
  ];
  const said = parts.filter(([number]) => number).map(([number, words]) => `${number} ${words}`);
  const files = checking ? `; ${count(checking, "file")} being checked` : "";
  return `${count(nights, "recording")}${said.length ? `: ${said.join(", ")}` : ""}${files}`;
}

function whyNone({ checking, questions, waiting, nights }) {
  if (waiting || checking) return "Files are being examined.";
  if (questions) return "Answer the questions first.";
  return nights ? "No recording is ready." : "The queue has no recordings.";
}

function interruptedWords(files) {
  if (!files.length) return "";
  const interrupted = count(files.length, "upload was", "uploads were");
  return `${interrupted} interrupted: ${fileNames(files.map(({ name }) => name))}. Choose the same files to continue.`;
}

new IntakePage(document.getElementById("intake"));
