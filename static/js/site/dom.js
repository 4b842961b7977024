// Helpers to build and fill parts of the page: elements, answers to keys, text boxes, dates, colours for a canvas.
// Text is always set as text.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Set text only when it differs: an unchanged node costs no layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function stageChip(stage) {
  return element("span", { class: "stage", "data-stage": stage ?? "" }, stage ?? "?");
}

/** All descendants with data-part, by name. */
export function partsOf(root) {
  return Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
}

/**
 * What cannot be taken back: the first button only shows the second beside it, which acts. A double click or a key
 * held down acts on the first alone: the second has its place from the start, so nothing moves, and gets no focus.
 * The second is hidden again once it has acted, when their dialog closes, and by the function that is returned.
 */
export function actOnSecond(first, second, act) {
  const show = (isShown) => (second.style.visibility = isShown ? "" : "hidden");
  const hide = () => show(false);
  hide();
  first.addEventListener("click", () => {
    show(true);
    first.closest("dialog")?.addEventListener("close", hide, { once: true });
  });
  second.addEventListener("click", async () => {
    try {
      await act();
    } finally {
      hide();
      first.focus();
    }
  });
  return hide;
}

/** A question in a dialog before something is lost; resolves with whether the person wants it. */
export async function ask(question) {
  return (await choose(question)) === "yes";
}

/** The same, resolved with "yes", "no", or "" where the dialog was closed without an answer. */
export function choose({ title, words, yes, no }) {
  const dialog = element("dialog", { class: "dialog dialog--small", "aria-labelledby": "ask-title" },
    element("h2", { id: "ask-title" }, title), element("p", {}, words),
    element("form", { method: "dialog", class: "actions" },
      element("button", { class: "button button--primary", value: "no", autofocus: true }, no),
      element("button", { class: "button button--danger", value: "yes" }, yes)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}

const SHOWN_MS = 4_000;

/** Answers to keys: heard by a screen reader, and seen for some seconds. */
export class Answers {
  #parts;
  #timer = null;

  constructor({ parts }) {
    this.#parts = parts;
  }

  say(text) {
    this.announce(text);
    this.#parts.answer.hidden = false;
    setText(this.#parts.answer, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#parts.answer.hidden = true), SHOWN_MS);
  }

  /** Heard and not seen: what the page shows anyway. */
  announce(text) {
    setText(this.#parts.live, text);
  }
}

// A paste far beyond what a box may hold is left out: to lay a megabyte out stops the page for seconds, and nobody
// shortens it there. What is pasted is still where it was copied. A little too much comes in, to be made shorter.

const ROOM = 2;

/** `onTooLong(words)` gets, in words for the person, what was left out. */
export function limitPastes(box, { most, onTooLong }) {
  box.addEventListener("beforeinput", (event) => {
    const coming = textOf(event);
    const staying = box.value.length - (box.selectionEnd - box.selectionStart);
    if (coming.length < 2 || staying + coming.length <= ROOM * most) return;
    event.preventDefault();
    const count = (number) => number.toLocaleString("en");
    const tooMany = `${count(coming.length)} characters are too many; the limit is ${count(most)}.`;
    onTooLong(`${tooMany} Nothing was pasted. Paste a shorter text.`);
  });
}

function textOf({ data, dataTransfer }) {
  return data ?? dataTransfer?.getData("text/plain") ?? "";
}

// The rationale box: every key is a letter here, Esc leaves, Ctrl Enter leaves and goes on.

export const MOST_CHARACTERS = 10_000;

// Control characters that no keyboard types but a paste may bring along.
// eslint-disable-next-line no-control-regex
const NOT_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

function plainText(text) {
  return text.replace(NOT_TEXT, "");
}

/** Take control characters out of a box, with the caret where it was; returns how many there were. */
export function cleanBox(box) {
  const text = plainText(box.value);
  const leftOut = box.value.length - text.length;
  if (!leftOut) return 0;
  const at = plainText(box.value.slice(0, box.selectionEnd)).length;
  box.value = text;
  box.setSelectionRange(at, at);
  return leftOut;
}

// Gaps of phrases: what a phrase names and no marked event fills.

export const GAP = "___";

/** How many gaps are left to write in. */
export function gapCount(text) {
  return text.split(GAP).length - 1;
}

/** Tab selects the next gap, Shift Tab the one before; where there is none it leaves the box as always. */
export function walkGaps(box, event) {
  if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey) return;
  const before = box.selectionStart - GAP.length;
  const at = event.shiftKey
    ? before < 0 ? -1 : box.value.lastIndexOf(GAP, before)
    : box.value.indexOf(GAP, box.selectionEnd);
  if (at < 0) return;
  event.preventDefault();
  box.setSelectionRange(at, at + GAP.length);
}

/** `onLeftOut(words)` when something of a paste was left out: characters that are no text, or all of far too much. */
export function attachRationale(box, { onText, onLeave, onNext, onLeftOut }) {
  limitPastes(box, { most: MOST_CHARACTERS, onTooLong: onLeftOut });
  box.addEventListener("input", () => {
    const leftOut = cleanBox(box);
    if (leftOut)
      onLeftOut(`${leftOut} control character${leftOut === 1 ? " was" : "s were"} left out of the pasted text`);
    onText(box.value);
  });
  box.addEventListener("blur", onLeave);
  box.addEventListener("keydown", (event) => {
    walkGaps(box, event);
    const goesOn = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !goesOn) return;
    event.preventDefault();
    box.blur();
    if (goesOn) onNext();
  });
}

// Dates as the site's own pages write them: "22 Nov 2026, 14:02".

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (number) => String(number).padStart(2, "0");

function timeOfDay(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function dateAndTime(date) {
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}, ${timeOfDay(date)}`;
}

// Colours of the style sheet for the canvas: custom properties hold light-dark() and must be resolved.

let probe = null;

function hiddenElement() {
  const made = document.createElement("i");
  made.hidden = true;
  document.body.append(made);
  return made;
}

export function colourOf(property) {
  probe ??= hiddenElement();
  probe.style.color = `var(${property})`;
  return getComputedStyle(probe).color;
}

// What the theme for dark rooms has: on the black of the published images, whatever the theme.
const ON_BLACK = {
  "--trace-reference": "#d9776a", "--trace-middle": "#5fcbb4", "--accent": "#5fcbb4", "--trace-label": "#c8c8c8",
  "--trace-ground": "#000000",
};

export function colourOn(isBlack, property) {
  return isBlack ? ON_BLACK[property] : colourOf(property);
}

/** Calls `redraw` when the theme is switched here or by the system. */
export function onThemeChange(redraw) {
  document.addEventListener("themechange", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

export function fontPx(sizePx) {
  return `${sizePx}px ${getComputedStyle(document.body).fontFamily}`;
}

/** A colour of the style sheets as the blue, green and red bytes of a pixel. */
export function inkOf(context, colour) {
  context.fillStyle = colour;
  const rgb = Number.parseInt(context.fillStyle.slice(1, 7), 16);
  return ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16);
}
