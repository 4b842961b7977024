// Comments on the epoch on screen. Mounts on every [data-comments="<scoring id>"] element and
// follows the document's "epochshown" events {epoch}. The words of others are only ever text.
// "commentcount" {open, epochs} tells the page how many are open, and on which epochs.

import { dateAndTime } from "./dates.js";
import { json } from "./workbench/api.js";
import { element, setText } from "./workbench/dom.js";
import { cleanBox } from "./workbench/rationale.js";
import { newUuid } from "./workbench/uuid.js";

/** Words not sent yet, by epoch, kept until they are: the network or the tab may go before. */
function draftsOf(scoring) {
  const key = (epoch) => `epochwise.comment.${scoring}.${epoch}`;
  const held = new Map();
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null; // storage may be forbidden; the page then holds the only copy
    }
  };
  return {
    of: (epoch) => held.get(epoch) ?? attempt(() => localStorage.getItem(key(epoch))) ?? "",
    keep(epoch, text) {
      held.set(epoch, text);
      attempt(() => (text ? localStorage.setItem(key(epoch), text) : localStorage.removeItem(key(epoch))));
    },
  };
}

class Comments {
  #root;
  #url;
  #apiRoot;
  #drafts;
  #epoch = 0;
  #comments = [];
  #sending = null;

  constructor(root) {
    this.#root = root;
    this.#apiRoot = root.dataset.apiRoot ?? "/api/v1";
    this.#url = `${this.#apiRoot}/scorings/${root.dataset.comments}/comments/`;
    this.#drafts = draftsOf(root.dataset.comments);
    this.#build();
    document.addEventListener("epochshown", ({ detail }) => this.show(detail.epoch));
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-resolves]");
      if (button) this.#resolve(Number(button.dataset.resolves), button.dataset.to === "true");
    });
  }

  async load() {
    const { comments, people } = await json(this.#url);
    this.#comments = comments;
    setText(this.people, people.map(({ username }) => `@${username}`).join(" "));
    this.show(this.#epoch);
  }

  show(epoch) {
    this.#epoch = epoch;
    const draft = this.#drafts.of(epoch);
    if (this.box.value !== draft) this.box.value = draft;
    const here = this.#comments.filter((comment) => comment.epoch === epoch);
    this.list.replaceChildren(...here.map(card));
    setText(this.title, here.length ? `Comments on epoch ${epoch + 1}` : `No comment on epoch ${epoch + 1}`);
    const open = this.#comments.filter((comment) => !comment.resolved_at);
    const detail = { open: open.length, epochs: [...new Set(open.map((comment) => comment.epoch))] };
    this.#root.dispatchEvent(new CustomEvent("commentcount", { bubbles: true, detail }));
  }

  #build() {
    this.title = element("h2", { class: "comments__title" });
    this.list = element("ol", { class: "comments__list" });
    this.box = element("textarea", { rows: 2, dir: "auto", spellcheck: "true", "aria-label": "Comment" });
    this.people = element("span", { class: "muted small" });
    this.error = element("p", { class: "field__errors", role: "alert", hidden: true });
    const send = element("button", { class: "button" }, "Comment");
    const form = element("form", { class: "comments__form field" }, this.box, element("div", { class: "row" }, send, this.people), this.error);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.box.addEventListener("input", () => {
      cleanBox(this.box);
      this.#drafts.keep(this.#epoch, this.box.value);
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.box.blur();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    this.#root.replaceChildren(this.title, this.list, form);
  }

  /** The same words go under the same id until they are stored, however often they are sent. */
  async #send() {
    const text = this.box.value.trim();
    if (!text) return;
    const same = this.#sending?.text === text && this.#sending.epoch === this.#epoch;
    if (!same) this.#sending = { client_uuid: newUuid(), epoch: this.#epoch, text };
    await this.#attempt(async () => {
      const { client_uuid, epoch } = this.#sending;
      const stored = await json(this.#url, "POST", { client_uuid, epoch, text });
      this.#sending = null;
      if (this.#drafts.of(epoch).trim() === text) this.#drafts.keep(epoch, "");
      this.#keep(stored);
    });
  }

  #resolve(id, resolved) {
    return this.#attempt(async () => this.#keep(await json(`${this.#apiRoot}/comments/${id}/resolve/`, "POST", { resolved })));
  }

  async #attempt(work) {
    try {
      await work();
      this.error.hidden = true;
    } catch (error) {
      if (!("status" in error)) throw error;
      this.error.hidden = false;
      setText(this.error, `Not sent: ${error.message} Your words are still here.`);
    }
  }

  #keep(comment) {
    this.#comments = [...this.#comments.filter(({ id }) => id !== comment.id), comment].sort((a, b) => a.id - b.id);
    this.show(this.#epoch);
  }
}

function card({ id, author, text, at, resolved_at: resolvedAt, resolved_by: resolvedBy }) {
  return element("li", { class: "comment", "data-resolved": Boolean(resolvedAt) },
    element("p", { class: "comment__head" }, element("b", {}, author), " ", element("span", { class: "muted" }, dateAndTime(new Date(at)))),
    element("p", { class: "comment__text", dir: "auto" }, text),
    element("p", { class: "comment__foot muted" }, resolvedAt ? `resolved by ${resolvedBy} ` : "",
      element("button", { type: "button", class: "link-button", "data-resolves": id, "data-to": String(!resolvedAt) }, resolvedAt ? "open again" : "resolve")));
}

for (const root of document.querySelectorAll("[data-comments]")) {
  const comments = new Comments(root);
  comments.load().catch((error) => setText(comments.title, `Comments could not be loaded. ${error.message}`));
}
