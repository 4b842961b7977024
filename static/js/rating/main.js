// Brings the rating page to life.

import { KeySets } from "../keys/keyboard.js";
import { attachKeyDialog, loadKeys, showKeyHints, showKeys } from "../keys/page.js";
import { ratingHelp } from "../keys/tables.js";
import { ActiveTime, sameContent } from "../saving/changes.js";
import { attachUnsent, showSaveState } from "../saving/notices.js";
import { SaveQueue } from "../saving/queue.js";
import { openDisk } from "../saving/storage.js";
import { stageKeysElsewhere } from "../signals/display.js";
import { onThemeChange, partsOf, setText } from "../site/dom.js";
import { bytes, json, preferencesApi } from "../site/server.js";
import { Look } from "./look.js";
import { listen, RatingPage } from "./page.js";
import { Queue, RatingStore } from "./queue.js";

// The rater's endpoints. Items are known by an opaque code and by nothing else.

function createApi({ root, ratingStudy }) {
  const slot = (code) => `${root}/rating/${code}`;
  return {
    ...preferencesApi(root),
    queue: () => json(`${root}/rating-studies/${ratingStudy}/queue/`),
    item: (code) => json(`${slot(code)}/`),
    keepStage: (code, stage) => json(`${slot(code)}/stage/`, "PUT", { stage }),
    fix: (code, body) => json(`${slot(code)}/gold/`, "POST", body),
    save: (code, body) => json(`${slot(code)}/`, "PUT", body),
    imageUrl: (code, which) => `${slot(code)}/${which}.png`,
    signals: (code) => bytes(`${slot(code)}/signals/`),
    rawLayout: (code) => json(`${slot(code)}/raw/`),
    rawSignals: (code) => bytes(`${slot(code)}/signals/?view=raw`),
  };
}

const CLOSED = "This rating study was closed, or you are no longer among its raters.";
const THANKS = {
  title: "All rated. Thank you.",
  words: "Your ratings are saved. You can review and change them until the study is closed.",
};
const root = document.querySelector("[data-rating]");
const parts = partsOf(document.body);
const { apiRoot, ratingStudy, user, title } = root.dataset;
const api = createApi({ root: apiRoot, ratingStudy });

/** What was given for an item that is no longer there gets words that help. */
const orClosed = (send) => (code, body) => send(code, body).catch((error) => {
  if (error.status === 404) error.message = CLOSED;
  throw error;
});

async function openSaves() {
  const disk = await openDisk(`rating-${ratingStudy}`, { user, name: title, path: location.pathname }).catch(
    () => null,
  );
  return new SaveQueue({
    disk, send: orClosed(api.save), sendLock: orClosed(api.fix), isSame: sameContent,
    nameOf: () => "A rating",
  });
}

function showConflict(saves, page) {
  const [first] = saves.conflicts();
  parts.conflict.hidden = !first;
  if (first && page.isDone) page.goTo(first.epoch);
}

function followSaves({ saves, store, page, finished }) {
  saves.addEventListener("saved", ({ detail: { epoch: code, answer } }) => store.setVersion(code, answer.version));
  saves.addEventListener("locked", ({ detail: { epoch: code, answer } }) => page.fixed(code, answer.feedback));
  saves.addEventListener("unlocked", ({ detail }) => page.say(detail.detail));
  saves.addEventListener("state", () => {
    showSaveState(parts, saves.state);
    showConflict(saves, page);
    if (page.isDone && saves.state.name === "saved") finished();
  });
  parts.keepMine.addEventListener("click", () => saves.keepMine(saves.conflicts()[0].epoch));
  parts.takeTheirs.addEventListener("click", () => {
    const [{ epoch: code, conflict }] = saves.conflicts();
    saves.takeTheirs(code);
    store.setVersion(code, conflict.version);
    page.adopt(code, conflict);
  });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => {
    saves.wake();
    page.retry();
  });
}

function guardLeaving(saves, page) {
  document.addEventListener("visibilitychange", () => (document.hidden ? page.flush() : saves.wake()));
  addEventListener("beforeunload", (event) => {
    page.flush();
    if (saves.state.count) event.preventDefault();
  });
}

/** Thanks only once the server has everything; then the page looks whether there is more to rate. */
async function finish({ saves, queue, page }) {
  const { count } = saves.state;
  if (count) {
    setText(parts.doneTitle, `All rated, ${count} waiting to be saved`);
    return setText(parts.doneWords, "Keep this page open until all ratings are saved. They are stored on this device.");
  }
  const { slots, gate } = await api.queue();
  if (!page.isDone) return;
  const opened = slots.length > queue.length;
  if (opened) queue.grow(slots);
  const answer = opened || gate.state === "held" ? gate : THANKS;
  setText(parts.doneTitle, answer.title);
  setText(parts.doneWords, answer.words);
  if (opened) page.offerMore();
}

function notFinished(error) {
  if (!("status" in error)) throw error;
  setText(parts.doneTitle, "All rated.");
  setText(parts.doneWords, `${error.message} Your ratings are saved; reload the page to check for more items.`);
}

/** Keys in force, in the help, and on the page. */
function attachKeys(kept, page) {
  let keys = kept ?? new KeySets();
  const open = attachKeyDialog({
    parts, api, kept, page: "rating", ...stageKeysElsewhere(api),
    putInForce: (sets) => {
      keys = sets;
      showKeys(parts.helpKeys, ratingHelp(keys.rating));
      showKeyHints(document, {
        keysOf: (action) => (action.startsWith("stage:") ? keys.workbench : keys.rating).keysOf(action),
      });
    },
  });
  const act = (action) => (action === "keys" ? open() : page.act(action));
  listen(act, () => ({ keys, awaitsStage: page.awaitsStage, awaitsLock: page.awaitsLock }));
}

/** Never twice at once: every change of the queue of saves calls it. */
function neverTwiceAtOnce(work) {
  let at = null;
  return () => (at ??= work().finally(() => (at = null)));
}

async function start() {
  const [{ slots }, kept, saves] = await Promise.all([api.queue(), loadKeys(api), openSaves()]);
  const store = new RatingStore();
  const left = await saves.restore();
  for (const { epoch: code, content } of left) if (content) store.set(code, content);
  const look = new Look({ parts, say: (words) => page.say(words) });
  const queue = new Queue({ api, slots, store, warm: (item) => look.warm(item) });
  const page = new RatingPage(
    { parts, queue, store, saves, look }, { keep: api.keepStage, active: new ActiveTime(document) },
  );
  const finished = neverTwiceAtOnce(() => finish({ saves, queue, page }).catch(notFinished));
  page.addEventListener("finished", finished);
  followSaves({ saves, store, page, finished });
  attachUnsent({ button: parts.readUnsent, night: title, state: () => saves.state, queues: [saves] });
  guardLeaving(saves, page);
  attachKeys(kept, page);
  onThemeChange(() => look.recolour());
  await page.start();
  saves.wake();
  root.dataset.ready = "";
}

start().catch((error) => {
  setText(parts.loading, `${error.message} Reload the page.`);
  throw error;
});
