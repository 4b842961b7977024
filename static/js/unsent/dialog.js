// Changes that were not sent: to be read, copied, downloaded, and let go by an act of its own.

import { element, setText } from "../workbench/dom.js";
import { asJson, asText, counted, described, inOrder } from "./words.js";

const LEAD = "They are kept in this browser only.";

/** Opens on `items`, changes of the night so named. `onLetGo()` deletes them; without it they cannot be let go. */
export function openUnsent({ night, items, onLetGo = null }) {
  const list = element("ol", { class: "unsent__list", tabindex: "0", "aria-label": "Changes not sent" }, ...inOrder(items).map(row));
  const told = element("p", { class: "muted", role: "status" }, LEAD);
  const copy = button("Copy", () => copyOf(items, list).then((words) => setText(told, words)));
  const save = button("Download", () => download(items, night));
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": "unsent-title" },
    element("h2", { id: "unsent-title" }, `${counted(items.length)} of ${night} not sent`),
    told, list,
    element("form", { method: "dialog", class: "actions" },
      copy, save, ...(onLetGo ? letGo(items, onLetGo, () => dialog.close()) : []),
      element("button", { class: "button button--primary", autofocus: true }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function row(item) {
  const { title, lines } = described(item);
  return element("li", {}, element("b", { class: "num" }, title), ...lines.map((line) => element("p", { dir: "auto" }, line)));
}

function button(words, onClick) {
  const made = element("button", { type: "button", class: "button" }, words);
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

/** The first press asks, the second one acts. */
function letGo(items, onLetGo, close) {
  const first = button("Let them go …", () => {
    first.hidden = true;
    sure.hidden = false;
    sure.focus();
  });
  const sure = button(`Delete ${counted(items.length)} for good`, async () => {
    await onLetGo();
    close();
  });
  sure.classList.add("button--danger");
  sure.hidden = true;
  return [first, sure];
}
