// What a person sees of saving: how it stands, conflicts, and changes that were not sent.

import { labelOf, placeAndSize } from "../signals/evidence.js";
import { actOnSecond, dateAndTime, element, setText, stageChip } from "../site/dom.js";
import { DIMENSIONS } from "../site/registries.js";

// "saved 14:02", "saving", "2 waiting", "conflict", "signed out": the truth about the queue, always visible.

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function words({ name, count, detail, savedAt }) {
  const says = {
    saved: savedAt ? `saved ${time.format(savedAt)}` : "all saved",
    saving: count > 1 ? `saving ${count}` : "saving",
    waiting: `${count} waiting`,
    conflict: "conflict",
    "signed-out": "signed out",
    refused: "not saved",
  };
  return { text: says[name], detail };
}

function explanation({ name, count, detail, hasDisk }) {
  const where = hasDisk ? "in this browser" : "in this tab only (do not close it)";
  const kept = `${count} ${count === 1 ? "change is" : "changes are"} stored ${where}`;
  const says = {
    waiting: `The server does not answer. ${kept} and sent when it answers again.`,
    "signed-out": `You are signed out. ${kept} and sent after you sign in again.`,
    refused: `${detail} ${kept}.`,
  };
  return says[name] ?? "";
}

/** Shows `state` in the bar, and what it means in a notice when something is wrong; not every page has `readUnsent`. */
export function showSaveState({ saveState, notice, noticeText, signIn, readUnsent }, state) {
  if (saveState.dataset.state !== state.name) saveState.dataset.state = state.name;
  saveState.toggleAttribute("data-written", state.written);
  setText(saveState, words(state).text);
  const text = explanation(state);
  notice.hidden = text === "";
  setText(noticeText, text);
  signIn.hidden = state.name !== "signed-out";
  if (readUnsent) readUnsent.hidden = text === "" || state.count === 0;
}

// Several save queues together: what is shown of them, and what waits in any of them.

// From the quietest to what most needs a person.
const GRAVITY = ["saved", "saving", "waiting", "refused", "signed-out", "conflict"];

export function joinedState(states) {
  const gravest = states.reduce((a, b) => (GRAVITY.indexOf(b.name) > GRAVITY.indexOf(a.name) ? b : a));
  const times = states.map(({ savedAt }) => savedAt).filter(Boolean);
  return {
    ...gravest,
    count: states.reduce((sum, { count }) => sum + count, 0),
    isClosed: states.some(({ isClosed }) => isClosed),
    savedAt: times.length ? new Date(Math.max(...times)) : null,
    written: states.every(({ written }) => written),
  };
}

/** "state" events as those of a single queue. */
export class SaveQueues extends EventTarget {
  #queues;

  constructor(queues) {
    super();
    this.#queues = queues;
    for (const queue of queues) queue.addEventListener("state", () => this.dispatchEvent(new CustomEvent("state")));
  }

  get state() {
    return joinedState(this.#queues.map(({ state }) => state));
  }

  wake() {
    for (const queue of this.#queues) queue.wake();
  }
}

// An epoch that was changed elsewhere meanwhile: both sides, and a choice. The work can go on beside it.

const flagsOf = ({ flags }) => flags.join(", ");

export class ConflictPanel {
  #parts;
  #epoch = null;
  #theirs = null;
  #about;

  /** `about(content)` says what there is to say of a side beside stage, rules and rationale. */
  constructor({ parts, onMine, onTheirs, onGo, about = flagsOf }) {
    this.#parts = parts;
    this.#about = about;
    parts.keepMine.addEventListener("click", () => onMine(this.#epoch));
    parts.takeTheirs.addEventListener("click", () => onTheirs(this.#epoch, this.#theirs));
    parts.conflictGo.addEventListener("click", () => onGo(this.#epoch));
    parts.conflict.addEventListener("keydown", ({ key }) => key === "Escape" && document.activeElement.blur());
  }

  show(conflicts) {
    const { conflict: panel, conflictTitle, conflictMine, conflictTheirs } = this.#parts;
    panel.hidden = conflicts.length === 0;
    if (!conflicts.length) return;
    const { epoch, content, conflict } = conflicts[0];
    [this.#epoch, this.#theirs] = [epoch, conflict];
    const more = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : "";
    setText(
      conflictTitle,
      `Epoch ${epoch + 1} was also changed in another window${more}. Nothing is lost. Choose the version to keep.`,
    );
    conflictMine.replaceChildren(...this.#side("My version, not saved yet", content));
    conflictTheirs.replaceChildren(...this.#side("Saved version", conflict));
  }

  /** Whether there is a side to choose. */
  focus() {
    const hasConflict = !this.#parts.conflict.hidden;
    if (hasConflict) this.#parts.keepMine.focus();
    return hasConflict;
  }

  #side(title, content) {
    const { stage, rules, rationale } = content;
    const about = [rules.join(", ") || "no rule", this.#about(content)].filter(Boolean).join(" · ");
    return [
      element("h3", {}, title),
      element("p", {}, stageChip(stage), ` ${about}`),
      element("p", { class: "conflict__text", dir: "auto" }, rationale || "No rationale."),
    ];
  }
}

// Changes that the server does not have, in words that a person can read, copy and enter again.

const CHOICES = { take: "scoring accepted", write: "own score", withdraw: "decision withdrawn" };

/** Changes in the order in which they were made. */
function inOrder(items) {
  return [...items].sort((a, b) => a.createdMs - b.createdMs);
}

function clockless(seconds) {
  return seconds === null ? "from the recording" : `${seconds} s from the start of the recording`;
}

function scoreLines({ stage, rules = [], flags = [], evidence = [], rationale = "", choice, side, reason }) {
  const decision = choice
    ? [[CHOICES[choice] ?? choice, side && `from ${side}`, reason && `reason: ${reason}`].filter(Boolean).join(", ")]
    : [];
  return [
    [stage ?? "not scored", ...rules, ...flags].join(", "),
    ...decision,
    ...evidence.map((event) => `${labelOf(event.kind)} in ${placeAndSize(event)}`),
    ...(rationale ? [rationale] : []),
  ];
}

/** Scores of a rating; what was not given is left out. */
function ratingLines({ cannot_judge: cannot, comment, ...content }) {
  const scores = DIMENSIONS.filter(({ name }) => content[name] !== null).map(
    ({ name, short }) => `${short} ${content[name]}`,
  );
  return [cannot ? "cannot judge" : scores.join(", ") || "no score", ...(comment ? [comment] : [])];
}

/** A change as {title, lines}. Items of a rating study have no number that says anything. */
function described({ kind, epoch, content, createdMs }) {
  const at = createdMs ? dateAndTime(new Date(createdMs)) : "unknown time";
  if (typeof epoch === "string")
    return { title: `A rating, ${at}`, lines: kind === "lock" ? ["reference scores requested"] : ratingLines(content) };
  if (kind === "comment") return { title: `Comment on epoch ${epoch + 1}, ${at}`, lines: [content.rationale] };
  if (kind === "lock") return { title: `Epoch ${epoch + 1}, ${at}`, lines: ["answer locked"] };
  if ("off_s" in content)
    return { title: `Lights, ${at}`, lines: [`off: ${clockless(content.off_s)}`, `on: ${clockless(content.on_s)}`] };
  return { title: `Epoch ${epoch + 1}, ${at}`, lines: scoreLines(content) };
}

export function asText(items) {
  return inOrder(items).map((item) => {
    const { title, lines } = described(item);
    return [title, ...lines].join("\n");
  }).join("\n\n");
}

/** All that is known of the changes, for a program: epochs count from 0. */
export function asJson(items, night) {
  const changes = inOrder(items).map(({ kind, epoch, content, why, version, createdMs }) =>
    ({ kind: kind ?? "save", epoch, content, why, version, made_at: new Date(createdMs).toISOString() }));
  return JSON.stringify({ night, changes }, null, 2);
}

/** "since 2 Nov 2026, 03:04", of the oldest. */
export function since(items) {
  const [{ createdMs }] = inOrder(items);
  return createdMs ? `since ${dateAndTime(new Date(createdMs))}` : "since unknown time";
}

export function counted(number) {
  return number === 1 ? "1 change" : `${number} changes`;
}

// Changes that were not sent: to be read, copied, downloaded, and let go by an act of its own.

const LEAD = "These changes are stored in this browser only.";

/** Opens on `items`, changes of the night so named. `onLetGo()` deletes them; without it they cannot be let go. */
export function openUnsent({ night, items, onLetGo = null }) {
  const list = element("ol", { class: "unsent__list", tabindex: "0", "aria-label": "Changes not sent" },
    ...inOrder(items).map(unsentRow));
  const status = element("p", { class: "muted", role: "status" }, LEAD);
  const copy = buttonThat(() => copyOf(items, list).then((answer) => setText(status, answer)), "Copy");
  const save = buttonThat(() => download(items, night), "Download");
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": "unsent-title" },
    element("h2", { id: "unsent-title" }, `${counted(items.length)} of ${night} not sent`),
    status, list,
    element("form", { method: "dialog", class: "actions" },
      copy, save, ...(onLetGo ? letGo(items, onLetGo, () => dialog.close()) : []),
      element("button", { class: "button button--primary", autofocus: true }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function unsentRow(item) {
  const { title, lines } = described(item);
  return element("li", {},
    element("b", { class: "num" }, title), ...lines.map((line) => element("p", { dir: "auto" }, line)));
}

function buttonThat(onClick, label) {
  const made = element("button", { type: "button", class: "button" }, label);
  made.addEventListener("click", onClick);
  return made;
}

/** Where the browser lends no clipboard, as on a page without https, the list is selected for the person's own key. */
async function copyOf(items, list) {
  try {
    await navigator.clipboard.writeText(asText(items));
    return "Copied.";
  } catch {
    getSelection().selectAllChildren(list);
    return "Selected: Ctrl C copies it.";
  }
}

function download(items, night) {
  const url = URL.createObjectURL(new Blob([asJson(items, night)], { type: "application/json" }));
  element("a", { href: url, download: `not sent ${night}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function letGo(items, onLetGo, close) {
  const first = element("button", { type: "button", class: "button" }, "Delete changes …");
  const sure = element("button", { type: "button", class: "button button--danger" },
    `Delete ${counted(items.length)} for good`);
  actOnSecond(first, sure, async () => {
    await onLetGo();
    close();
  });
  return [first, sure];
}

// Under a notice that something is not sent: a button to read what it is.

/** `queues` say what waits (items) and let go of it (deleteAll()); only a scoring that takes nothing more lets go. */
export function attachUnsent({ button, night, state, queues }) {
  button.addEventListener("click", () => {
    const items = queues.flatMap((queue) => queue.items);
    openUnsent({ night, items, onLetGo: state().isClosed ? () => deleteAll(queues) : null });
  });
}

/** The page then shows what the server holds. */
async function deleteAll(queues) {
  await Promise.all(queues.map((queue) => queue.letGo()));
  location.reload();
}
