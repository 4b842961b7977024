// Brings the adjudication page to life, with the drawing and the save queue of the workbench.

import { KeySets } from "../keys/keyboard.js";
import { attachKeyDialog, loadKeys, showKeyHints, showKeys } from "../keys/page.js";
import { adjudicationHelp, WRITING } from "../keys/tables.js";
import { ActiveTime } from "../saving/changes.js";
import { attachUnsent, ConflictPanel, showSaveState } from "../saving/notices.js";
import { openDisk } from "../saving/storage.js";
import { loadSettings, shownWith, stageKeysElsewhere } from "../signals/display.js";
import { Hypnogram, NightEnvelope } from "../signals/night.js";
import { loadSignals, recordingApi } from "../signals/records.js";
import { nightClock } from "../signals/scale.js";
import { TraceView } from "../signals/traces.js";
import { element, onThemeChange, partsOf, setText } from "../site/dom.js";
import { json, preferencesApi } from "../site/server.js";
import { AdjudicationPage, listen, View } from "./page.js";
import { DecisionPanel, SideStrip } from "./panel.js";
import { decisionQueue, Decisions, DecisionStore, decisionWords } from "./store.js";

const root = document.querySelector("[data-adjudication]");
const parts = partsOf(document.body);
const { apiRoot, adjudicationId, recordingId, user, night: nightName } = root.dataset;
const here = `${apiRoot}/adjudications/${adjudicationId}`;
const night = recordingApi({ root: apiRoot, recordingId });
const preferences = preferencesApi(apiRoot);

/** The traces of the page; null where the recording has no signals. */
function createTraces({ signals, store, settings, clock, onGo }) {
  parts.noSignals.hidden = signals !== null;
  if (!signals) return null;
  const layers = [parts.under, parts.traceCanvas, parts.over];
  const envelope = new NightEnvelope({ fetch: night.envelope });
  return new TraceView({
    layers, signals, epochCount: store.epochCount, settings,
    night: { envelope, clock, mark: parts.epochMark, strip: parts.strip, onGo },
  });
}

async function openQueue() {
  const disk = await openDisk(`adjudication-${adjudicationId}`, {
    user, name: nightName, path: location.pathname,
  }).catch(() => null);
  return decisionQueue({ disk, send: (epoch, body) => json(`${here}/epochs/${epoch}/`, "PUT", body) });
}

/** Both sides of an epoch that was decided elsewhere, too. */
function createConflicts({ queue, decisions, page, reasons }) {
  const conflicts = new ConflictPanel({
    parts,
    about: (decision) => decisionWords(decision, reasons) ?? "open",
    onMine: (epoch) => queue.keepMine(epoch),
    onTheirs: (epoch, theirs) => decisions.takeTheirs(epoch, theirs),
    onGo: (epoch) => page.go(epoch),
  });
  queue.addEventListener("state", () => conflicts.show(queue.conflicts()));
  return conflicts;
}

/** Keys in force, in the help, and on the page. */
function attachKeys({ kept, page, panel, store, dialogs, reasons }) {
  let keys = kept ?? new KeySets();
  const open = attachKeyDialog({
    parts, api: preferences, kept, page: "adjudication", ...stageKeysElsewhere(preferences),
    putInForce: (sets) => {
      keys = sets;
      showKeys(parts.helpKeys, adjudicationHelp(keys, store.sides));
      showKeyHints(document, { keysOf: (action) => keysOn(keys, action) });
      panel.setKeys(keys);
      page.show();
    },
  });
  const acts = { ...dialogs, help: () => parts.help.showModal(), keys: open };
  const act = (action) => (action in acts ? acts[action]() : page.act(action));
  listen(act, () => ({ keys, state: page.state, sides: store.sides, reasons: reasons.map(({ id }) => id) }));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) act(button.dataset.act);
  });
}

/** Of an action as the page names it, which has the workbench's key while writing. */
function keysOn({ workbench, adjudication }, action) {
  const like = [...WRITING].find(([, name]) => name === action)?.[0];
  return like ? workbench.keysOf(like) : adjudication.keysOf(action);
}

function finishWords(left, page) {
  if (page.isUnsaved) return "The own score that you write is not saved yet. Save or discard it first.";
  return left
    ? `${left} epoch${left === 1 ? " is" : "s are"} not settled yet. Press N for the next unsettled epoch.`
    : "All epochs are settled. The consensus becomes a new scoring, linked to all original scorings.";
}

function openFinish(store, queue, page) {
  const left = store.open.length;
  setText(parts.finishLead, finishWords(left, page));
  const names = { written: "Own score", unanimous: "All agree" };
  parts.finishTally.replaceChildren(...[...store.tally()].flatMap(([name, count]) =>
    [element("dt", {}, names[name] ?? `Scoring ${name} accepted`), element("dd", {}, String(count))]));
  parts.finishError.hidden = true;
  parts.finishNow.disabled = left > 0 || queue.state.count > 0 || page.isUnsaved;
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

/** The parts of the page, in the order in which they know each other; returns the page and its decisions. */
function createPage({ adjudication, recording, queue, kept, signals }) {
  const { rules, reasons, state } = adjudication;
  const store = new DecisionStore(adjudication);
  const settings = { ...loadSettings(), pageS: 30 };
  const clock = nightClock({ startClockS: recording.start_clock_s, epoch0S: recording.epoch0_s });
  const onGo = (epoch) => page.go(epoch);
  const hypnogram = new Hypnogram({ strip: parts.strip, store, clock, onGo });
  const traces = createTraces({ signals, store, settings, clock, onGo });
  const strip = new SideStrip({ canvas: parts.sideStrip, letters: parts.letters, store });
  const view = new View({ parts, settings, traces });
  const shown = () => ({
    ...shownWith(view.settings, signals?.derivations ?? []), signals_version: signals?.version ?? null,
  });
  const decisions = new Decisions({ store, queue, active: new ActiveTime(document), shown });
  decisions.addEventListener("changed", () => {
    hypnogram.redraw();
    strip.redraw();
  });
  const panel = new DecisionPanel({ parts, rules, reasons });
  const page = new AdjudicationPage(
    { parts, store, decisions, view, panel }, { rules, clock, isOpen: state === "open" },
  );
  page.addEventListener("turned", () => {
    traces?.show(store.current, 0);
    hypnogram.moveCursor(store.current);
  });
  const conflicts = createConflicts({ queue, decisions, page, reasons });
  const dialogs = {
    conflict: () => conflicts.focus() || page.say("No conflict"),
    finish: () => page.isOpen && openFinish(store, queue, page),
  };
  attachKeys({ kept, page, panel, store, dialogs, reasons });
  onThemeChange(() => {
    hypnogram.recolour();
    strip.redraw();
    traces?.rebuild();
  });
  return { store, page };
}

function followSaves(queue, page) {
  queue.addEventListener("state", () => showSaveState(parts, queue.state));
  queue.addEventListener("closed", () => page.close());
  attachUnsent({ button: parts.readUnsent, night: nightName, state: () => queue.state, queues: [queue] });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => queue.wake());
  addEventListener("beforeunload", (event) => (queue.state.count || page.isUnsaved) && event.preventDefault());
}

async function start() {
  const [adjudication, recording, queue, kept] = await Promise.all([
    json(`${here}/`), night.recording(), openQueue(), loadKeys(preferences),
  ]);
  const signals = await loadSignals(night, recording);
  const { store, page } = createPage({ adjudication, recording, queue, kept, signals });
  followSaves(queue, page);
  parts.finishNow.addEventListener("click", finish);
  parts.spectrogram.src = signals ? night.spectrogramUrl : "";
  for (const { epoch, content } of await queue.restore()) store.set(epoch, content);
  await page.go(epochInAddress(store) ?? store.nextOpen(-1) ?? store.disputed[0] ?? 0);
  queue.wake();
  await signals?.want(store.current);
  root.dataset.ready = "";
}

function epochInAddress(store) {
  const epoch = new URLSearchParams(location.search).get("epoch");
  return epoch !== null && Number.isInteger(Number(epoch)) ? store.clamp(Number(epoch)) : null;
}

start().catch((error) => {
  parts.notice.hidden = false;
  setText(
    parts.noticeText,
    `The adjudication could not be opened: ${error.message} Nothing was changed. Reload the page to try again.`,
  );
  parts.signIn.hidden = error.status !== 401;
  if (!("status" in error)) throw error;
});
