// Brings the adjudication page to life, with the drawing and the save queue of the workbench.

import { KeySets } from "../keys/keyboard.js";
import { attachKeyDialog, loadKeys, showKeyHints, showKeys } from "../keys/mykeys.js";
import { adjudicationHelp, WRITING } from "../keys/tables.js";
import { openDisk } from "../saving/browser.js";
import { ActiveTime } from "../saving/changes.js";
import { attachUnsent, ConflictPanel, showSaveState } from "../saving/notices.js";
import { loadSettings, shownWith, stageKeysElsewhere } from "../signals/display.js";
import { Hypnogram, NightEnvelope } from "../signals/night.js";
import { recordingApi, SignalStore } from "../signals/records.js";
import { nightClock } from "../signals/scale.js";
import { TraceView } from "../signals/traces.js";
import { onThemeChange } from "../site/colours.js";
import { confirmByKey, element, partsOf, setText } from "../site/dom.js";
import { json, preferencesApi } from "../site/server.js";
import { AdjudicationPage } from "./page.js";
import { DecisionPanel, SideStrip } from "./panel.js";
import { decisionQueue, DecisionStore, told } from "./store.js";

const root = document.querySelector("[data-adjudication]");
const parts = partsOf(document.body);
const { apiRoot, adjudicationId, recordingId, user, night: nightName } = root.dataset;
const here = `${apiRoot}/adjudications/${adjudicationId}`;
const night = recordingApi({ root: apiRoot, recordingId });
const preferences = preferencesApi(apiRoot);

async function loadSignals({ state }) {
  if (state !== "ready") return null;
  return new SignalStore({ layout: await night.layout(), fetchEpochs: night.epochs });
}

function createTraces({ signals, store, settings, clock, go }) {
  parts.noSignals.hidden = signals !== null;
  if (!signals) return null;
  const layers = [parts.under, parts.traceCanvas, parts.over];
  const envelope = new NightEnvelope({ fetch: night.envelope });
  return new TraceView({
    layers, signals, epochCount: store.epochCount, settings,
    night: { envelope, clock, mark: parts.epochMark, strip: parts.strip, onGo: go },
  });
}

async function openQueue() {
  const disk = await openDisk(`adjudication-${adjudicationId}`, { user, name: nightName, path: location.pathname }).catch(() => null);
  return decisionQueue({ disk, send: (epoch, body) => json(`${here}/epochs/${epoch}/`, "PUT", body) });
}

function createConflicts({ queue, page, reasons }) {
  return new ConflictPanel({
    parts,
    about: (decision) => told(decision, reasons) ?? "open",
    onMine: (epoch) => queue.keepMine(epoch),
    onTheirs: (epoch, theirs) => {
      queue.takeTheirs(epoch);
      page.store.setVersion(epoch, theirs.version);
      page.adopt(epoch, theirs);
    },
    onGo: (epoch) => page.go(epoch),
  });
}

/** Keys in force, in the help, and on the page. */
function attachKeys(kept, page) {
  page.openKeys = attachKeyDialog({
    parts, api: preferences, kept, page: "adjudication", ...stageKeysElsewhere(preferences),
    putInForce: (keys) => {
      showKeys(parts.helpKeys, adjudicationHelp(keys, page.store.sides));
      showKeyHints(document, { keysOf: (action) => keysOn(keys, action) });
      page.setKeys(keys);
    },
  });
}

/** Of an action as the page names it, which has the workbench's key while writing. */
function keysOn({ workbench, adjudication }, action) {
  const like = [...WRITING].find(([, name]) => name === action)?.[0];
  return like ? workbench.keysOf(like) : adjudication.keysOf(action);
}

function openFinish(store, queue) {
  const left = store.open.length;
  setText(parts.finishLead, left
    ? `${left} epoch${left === 1 ? " is" : "s are"} not settled yet. N goes to the next one.`
    : "Every epoch is settled. The consensus becomes a scoring of its own, linked to all originals.");
  const names = { written: "Written anew", unanimous: "All agreed" };
  parts.finishTally.replaceChildren(...[...store.tally()].flatMap(([name, count]) =>
    [element("dt", {}, names[name] ?? `Taken from ${name}`), element("dd", {}, String(count))]));
  parts.finishError.hidden = true;
  parts.finishNow.disabled = left > 0 || queue.state.count > 0;
  parts.finishDialog.showModal();
}

async function finish() {
  try {
    await json(`${here}/finish/`, "POST", {});
    location.reload();
  } catch (error) {
    parts.finishError.hidden = false;
    setText(parts.finishError, error.message);
  }
}

async function start() {
  const [adjudication, recording, queue, kept] = await Promise.all([json(`${here}/`), night.recording(), openQueue(), loadKeys(preferences)]);
  const signals = await loadSignals(recording);
  const store = new DecisionStore(adjudication);
  const settings = { ...loadSettings(), pageS: 30 };
  const clock = nightClock({ startClockS: recording.start_clock_s, epoch0S: recording.epoch0_s });
  let page = null;
  const hypnogram = new Hypnogram({ strip: parts.strip, store, clock, onGo: (epoch) => page.go(epoch) });
  page = new AdjudicationPage({
    parts, store, queue, settings, clock, hypnogram,
    rules: adjudication.rules, reasons: adjudication.reasons, editable: adjudication.state === "open",
    keys: kept ?? new KeySets(), traces: createTraces({ signals, store, settings, clock, go: (epoch) => page.go(epoch) }),
    strip: new SideStrip({ canvas: parts.sideStrip, letters: parts.letters, store }),
    panel: new DecisionPanel({ parts, rules: adjudication.rules, reasons: adjudication.reasons }),
    active: new ActiveTime(document),
    shown: () => shownWith(page.settings, signals?.derivations ?? []),
    finish: () => page.editable && openFinish(store, queue),
  });
  const conflicts = createConflicts({ queue, page, reasons: adjudication.reasons });
  queue.addEventListener("state", () => {
    showSaveState(parts, queue.state);
    conflicts.show(queue.conflicts());
  });
  page.chooseSide = () => conflicts.focus();
  queue.addEventListener("saved", ({ detail }) => store.setVersion(detail.epoch, detail.answer.version));
  attachUnsent({ button: parts.readUnsent, night: nightName, state: () => queue.state, queues: [queue] });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => queue.wake());
  addEventListener("beforeunload", (event) => queue.state.count && event.preventDefault());
  queue.addEventListener("closed", () => {
    page.editable = false;
    page.show();
  });
  attachKeys(kept, page);
  parts.finishNow.addEventListener("click", finish);
  confirmByKey(parts.finishDialog, parts.finishNow);
  onThemeChange(() => {
    hypnogram.recolour();
    page.strip.redraw();
    page.traces?.rebuild();
  });
  parts.spectrogram.src = signals ? night.spectrogramUrl : "";
  for (const { epoch, content } of await queue.restore()) store.set(epoch, content);
  page.go(asked(store) ?? store.nextOpen(-1) ?? store.disputed[0] ?? 0);
  queue.wake();
  root.dataset.ready = "";
}

function asked(store) {
  const epoch = new URLSearchParams(location.search).get("epoch");
  return epoch !== null && Number.isInteger(Number(epoch)) ? store.clamp(Number(epoch)) : null;
}

start().catch((error) => {
  parts.notice.hidden = false;
  setText(parts.noticeText, `The adjudication could not be opened: ${error.message} Nothing was changed. Reload the page to try again.`);
  parts.signIn.hidden = error.status !== 401;
  if (!("status" in error)) throw error;
});
