// "saved 14:02", "saving", "2 waiting", "conflict", "signed out": the truth about the queue, always visible.

import { setText } from "./dom.js";

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
  const kept = `${count} ${count === 1 ? "change is" : "changes are"} kept ${where}`;
  const says = {
    waiting: `The server does not answer. ${kept} and sent as soon as it does.`,
    "signed-out": `You are signed out. ${kept} and sent once you have signed in again.`,
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
