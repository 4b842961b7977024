// Comments of adjudicators on the epoch on screen, for each other.

import { newUuid } from "../saving/queue.js";
import { cleanBox, dateAndTime, element, limitPastes, setText } from "../site/dom.js";
import { json } from "../site/server.js";

const MOST_CHARACTERS = 4_000;

function card({ author, text, at }) {
  return element("li", { class: "comment" },
    element("p", { class: "comment__head" },
      element("b", {}, element("bdi", {}, author)), " ",
      element("span", { class: "muted" }, dateAndTime(new Date(at)))),
    element("p", { class: "comment__text", dir: "auto" }, text));
}

export class CommentsDialog {
  #parts;
  #here;
  #store;
  #onComment;
  // What was written and not sent, by epoch, and the id with which it is sent.
  #drafts = new Map();

  constructor({ parts, here, store, onComment }) {
    [this.#parts, this.#here, this.#store, this.#onComment] = [parts, here, store, onComment];
    const { commentForm, commentText } = parts;
    limitPastes(commentText, { most: MOST_CHARACTERS, onTooLong: (words) => this.#complain(words) });
    commentText.addEventListener("input", () => {
      cleanBox(commentText);
      this.#complain("");
      this.#drafts.set(store.current, { text: commentText.value, uuid: newUuid() });
    });
    commentText.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) commentForm.requestSubmit();
    });
    parts.commentsEarlier.addEventListener("click", () => this.#showEarlier());
    commentForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  open() {
    this.#show();
    this.#complain("");
    this.#parts.commentsDialog.showModal();
    this.#parts.commentText.focus();
  }

  /** The comments of the epoch have arrived. */
  refresh() {
    if (this.#parts.commentsDialog.open) this.#showList();
  }

  /** Whether a comment is written that the server does not have. */
  get isUnsent() {
    return [...this.#drafts.values()].some(({ text }) => text.trim());
  }

  #show() {
    const epoch = this.#store.current;
    setText(this.#parts.commentsTitle, `Comments on epoch ${epoch + 1}`);
    this.#parts.commentText.value = this.#drafts.get(epoch)?.text ?? "";
    this.#showList();
  }

  #showList() {
    const { current } = this.#store;
    const comments = this.#store.commentsOn(current).map(card);
    const words = this.#store.hasTexts(current) ? "No comment on this epoch." : "The comments are loading.";
    const none = element("li", { class: "muted" }, words);
    const missing = this.#store.commentCount(current) - comments.length;
    this.#parts.commentsEarlier.hidden = !comments.length || missing <= 0;
    setText(this.#parts.commentsEarlier, `Show earlier comments (${missing})`);
    this.#parts.commentList.replaceChildren(...(comments.length ? comments : [none]));
  }

  async #showEarlier() {
    const { current } = this.#store;
    const { commentsEarlier } = this.#parts;
    const [{ id }] = this.#store.commentsOn(current);
    commentsEarlier.disabled = true;
    try {
      const { comments } = await json(`${this.#here}/comments/?epoch=${current}&before=${id}`);
      this.#store.addEarlierComments(current, comments);
      this.#showList();
    } catch (error) {
      if (!("status" in error)) throw error;
      this.#complain(`Earlier comments could not be loaded. ${error.message}`);
    } finally {
      commentsEarlier.disabled = false;
    }
  }

  async #send() {
    const epoch = this.#store.current;
    const { text = "", uuid } = this.#drafts.get(epoch) ?? {};
    if (!text.trim()) return this.#complain("Write a comment first.");
    try {
      const comment = await json(`${this.#here}/comments/`, "POST", { client_uuid: uuid, epoch, text });
      if (this.#drafts.get(epoch)?.uuid === uuid) this.#drafts.delete(epoch);
      this.#store.addComment(comment);
      this.#onComment();
      this.#show();
    } catch (error) {
      if (!("status" in error)) throw error;
      this.#complain(`Not sent: ${error.message} Your text is still here. Try again.`);
    }
  }

  #complain(words) {
    this.#parts.commentError.hidden = words === "";
    setText(this.#parts.commentError, words);
  }
}
