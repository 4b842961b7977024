// Comments on the epoch on screen. Mounts on every [data-comments="<scoring id>"] element and
// follows the document's "epochshown" events {epoch}.
// "commentcount" {open, epochs} tells the page how many are open, and on which epochs.

import { newUuid } from "../saving/queue.js";
import { draftsOf, kept, Outbox, placeOf } from "../saving/storage.js";
import { cleanBox, dateAndTime, element, limitPastes, setText } from "../site/dom.js";
import { json } from "../site/server.js";

// How comments are shown. The words of others are only ever text.

function card({ id, author, text, at, resolved_at: resolvedAt, resolved_by: resolvedBy }) {
  return element(
    "li",
    { class: "comment", "data-resolved": Boolean(resolvedAt) },
    element("p", { class: "comment__head" },
      element("b", {}, author), " ", element("span", { class: "muted" }, dateAndTime(new Date(at)))),
    element("p", { class: "comment__text", dir: "auto" }, text),
    element("p", { class: "comment__foot muted" },
      resolvedAt ? `resolved by ${resolvedBy} ` : "",
      element("button", { type: "button", class: "link-button", "data-resolves": id, "data-to": String(!resolvedAt) },
        resolvedAt ? "reopen" : "resolve")),
  );
}

/** An own comment that the server does not have yet. */
function waitingCard({ text }) {
  return element("li", { class: "comment", "data-waiting": true },
    element("p", { class: "comment__text", dir: "auto" }, text),
    element("p", { class: "comment__foot muted" },
      "not sent yet: stored in this browser and sent when the server answers"),
  );
}

const MOST_CHARACTERS = 4_000;

class Comments {
  #root;
  #url;
  #apiRoot;
  #drafts;
  #outbox;
  #epoch = 0;
  #comments = [];

  constructor(root) {
    const { comments: scoring, user, apiRoot } = root.dataset;
    this.#root = root;
    this.#apiRoot = apiRoot;
    this.#url = `${apiRoot}/scorings/${scoring}/comments/`;
    // Of this person: somebody else may open the same night in the same browser.
    this.#drafts = draftsOf(`${user}.${scoring}`);
    this.#outbox = new Outbox({
      place: kept(placeOf(user, scoring)),
      send: ({ client_uuid, epoch, text }) => json(this.#url, "POST", { client_uuid, epoch, text }),
    });
    this.#build();
    this.#followOutbox();
    document.addEventListener("epochshown", ({ detail }) => this.show(detail.epoch));
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-resolves]");
      if (button) this.#resolve(Number(button.dataset.resolves), button.dataset.to === "true");
    });
  }

  async load() {
    try {
      const { comments, people } = await json(this.#url);
      this.#comments = comments;
      setText(this.people, people.map(({ username }) => `@${username}`).join(" "));
      this.show(this.#epoch);
    } finally {
      this.#outbox.wake();
    }
  }

  show(epoch) {
    this.#epoch = epoch;
    const draft = this.#drafts.of(epoch);
    if (this.box.value !== draft) this.box.value = draft;
    this.#showList();
  }

  #showList() {
    const onThis = ({ epoch }) => epoch === this.#epoch;
    const cards = [...this.#comments.filter(onThis).map(card), ...this.#outbox.waiting.filter(onThis).map(waitingCard)];
    this.list.replaceChildren(...cards);
    setText(
      this.title, cards.length ? `Comments on epoch ${this.#epoch + 1}` : `No comment on epoch ${this.#epoch + 1}`,
    );
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
    const form = element("form", { class: "comments__form field" },
      this.box, element("div", { class: "row" }, send, this.people), this.error);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#attachBox(this.box, form);
    this.#root.replaceChildren(this.title, this.list, form);
  }

  #attachBox(box, form) {
    limitPastes(box, { most: MOST_CHARACTERS, onTooLong: (words) => this.#complain(words) });
    box.addEventListener("input", () => {
      cleanBox(box);
      this.#complain("");
      this.#drafts.keep(this.#epoch, box.value);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") box.blur();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  #followOutbox() {
    this.#outbox.addEventListener("change", () => this.#showList());
    this.#outbox.addEventListener("stored", ({ detail }) => this.#keep(detail.stored));
    this.#outbox.addEventListener("refused", ({ detail: { comment, error } }) => this.#giveBack(comment, error));
    for (const sign of ["online", "focus"]) addEventListener(sign, () => this.#outbox.wake());
  }

  #send() {
    const text = this.box.value.trim();
    if (!text) return;
    this.#complain("");
    this.#drafts.keep(this.#epoch, "");
    this.box.value = "";
    this.#outbox.put({
      client_uuid: newUuid(), epoch: this.#epoch, text, night: this.#root.dataset.night, made_ms: Date.now(),
    });
  }

  /** Words that the server does not take stand in the box of their epoch again, before what was written since. */
  #giveBack({ epoch, text }, error) {
    this.#drafts.keep(epoch, [text, this.#drafts.of(epoch)].filter(Boolean).join("\n\n"));
    this.show(this.#epoch);
    this.#complain(`Epoch ${epoch + 1}: not sent. ${error.message} Your text is in the comment field again.`);
  }

  async #resolve(id, resolved) {
    try {
      this.#keep(await json(`${this.#apiRoot}/comments/${id}/resolve/`, "POST", { resolved }));
      this.#complain("");
      // The list was made anew: keys go on where they were.
      this.list.querySelector(`[data-resolves="${id}"]`)?.focus();
    } catch (error) {
      if (!("status" in error)) throw error;
      this.#complain(`Nothing was changed: ${error.message} Try again.`);
    }
  }

  #complain(words) {
    this.error.hidden = words === "";
    setText(this.error, words);
  }

  #keep(comment) {
    this.#comments = [...this.#comments.filter(({ id }) => id !== comment.id), comment].sort((a, b) => a.id - b.id);
    this.#showList();
  }
}

for (const root of document.querySelectorAll("[data-comments]")) {
  const comments = new Comments(root);
  comments.load().catch((error) => setText(comments.title, `Comments could not be loaded. ${error.message}`));
}
