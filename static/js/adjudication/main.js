// Brings the adjudication page to life, with the drawing and the save queue of the workbench.

import { KeySets } from "../keys/keyboard.js";
import { attachKeyDialog, loadKeys, showKeyHints, showKeys } from "../keys/page.js";
import { WRITING } from "../keys/tables.js";
import { ActiveTime } from "../saving/changes.js";
import { attachUnsent, ConflictPanel, showSaveState } from "../saving/notices.js";
import { openDisk } from "../saving/storage.js";
import { loadSettings, shownWith, stageKeysElsewhere } from "../signals/display.js";
import { Hypnogram, NightEnvelope } from "../signals/night.js";
import { loadSignals, rawOpener, recordingApi } from "../signals/records.js";
import { nightClock } from "../signals/scale.js";
import { attachMoving, TraceView } from "../signals/traces.js";
import { element, onThemeChange, partsOf, setText } from "../site/dom.js";
import { json, preferencesApi } from "../site/server.js";
import { CommentsDialog } from "./comments.js";
import { adjudicationHelp } from "./keys.js";
import { View } from "./look.js";
import { AdjudicationPage, listen, SETTLED } from "./page.js";
import { DecisionPanel } from "./panel.js";
import { RuleDialog } from "./rule.js";
import { decisionQueue, Decisions, DecisionStore, decisionWords } from "./store.js";
import { SideStrip } from "./strip.js";
import { Texts } from "./texts.js";

const root = document.querySelector("[data-adjudication]");
const parts = partsOf(document.body);
const { apiRoot, adjudicationId, recordingId, user, night: nightName } = root.dataset;
const here = `${apiRoot}/adjudications/${adjudicationId}`;
const night = recordingApi({ root: apiRoot, recordingId });
const preferences = preferencesApi(apiRoot);

/** The traces of the page; null where the recording has no signals. */
function createTraces({ signals, openRaw, store, settings, clock, onGo }) {
  parts.noSignals.hidden = signals !== null;
  if (!signals) return null;
  const layers = [parts.under, parts.traceCanvas, parts.over];
  const envelope = new NightEnvelope({ fetch: night.envelope });
  return new TraceView({
    layers, signals, openRaw, epochCount: store.epochCount, settings,
    night: { envelope, clock, mark: parts.epochMark, strip: parts.strip, onGo },
  });
}

/** What wheel, pinch and middle button move. */
function movable({ view, page, store }, traces) {
  return {
    traces, settings: () => view.settings, change: (action) => view.act(action),
    place: () => ({ epoch: store.current, part: view.part, epochCount: store.epochCount }),
    zoom: (pageS, part) => view.zoom(pageS, part),
    go: (epoch, part) => (epoch === store.current ? view.showPart(part) : page.go(epoch, part)),
    turn: (step) => page.turn(step),
  };
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
  const names = {
    unanimous: "All agree", majority: "By rule", take: "By hand, scoring accepted", write: "By hand, own score",
  };
  parts.finishTally.replaceChildren(...[...store.tally()].flatMap(([name, count]) =>
    [element("dt", {}, names[name]), element("dd", {}, String(count))]));
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
  const openRaw = signals?.hasRaw ? rawOpener({ layout: night.rawLayout, epochs: night.rawEpochs }) : async () => null;
  const traces = createTraces({ signals, openRaw, store, settings, clock, onGo });
  const strip = new SideStrip({ canvas: parts.sideStrip, letters: parts.letters, store });
  const view = new View({ parts, settings, traces, signals, openRaw });
  const shown = () => ({
    ...shownWith(view.settings, {
      derivations: signals?.derivations ?? [], drawn: traces?.drawn ?? [], isRaw: Boolean(traces?.usesRaw),
    }),
    signals_version: signals?.version ?? null,
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
  const texts = createTexts({ store, page });
  if (traces) attachMoving(parts.traces, movable({ view, page, store }, traces));
  page.addEventListener("turned", ({ detail }) => {
    view.show(store.current, detail.part);
    hypnogram.moveCursor(store.current);
    texts.want();
  });
  const conflicts = createConflicts({ queue, decisions, page, reasons });
  const rule = createRule({ store, decisions, queue, page, texts });
  const comments = new CommentsDialog({ parts, here, store, onComment: () => page.show() });
  texts.addEventListener("filled", () => comments.refresh());
  const dialogs = {
    rule: () => page.mayDecide() && rule.open(),
    comments: () => comments.open(),
    conflict: () => conflicts.focus() || page.say("No conflict"),
    finish: () => page.isOpen && openFinish(store, queue, page),
  };
  attachKeys({ kept, page, panel, store, dialogs, reasons });
  onThemeChange(() => {
    hypnogram.recolour();
    strip.redraw();
    traces?.rebuild();
  });
  return { store, page, comments };
}

function createTexts({ store, page }) {
  const fetch = (epochs) => json(`${here}/epochs/?epochs=${epochs.join(",")}`);
  const texts = new Texts({ store, fetch });
  texts.addEventListener("filled", () => page.show());
  return texts;
}

/** Rules that settle many epochs; afterwards the first epoch that is left is shown. */
function createRule({ store, decisions, queue, page, texts }) {
  const whyNot = () => {
    if (page.isUnsaved) return "The own score that you write is not saved yet. Save or discard it first.";
    if (page.whyHeld) return page.whyHeld;
    return queue.state.count ? "Your last decisions are not saved yet. Wait until they are." : null;
  };
  const rule = new RuleDialog({
    parts, here, store, whyNot, hold: (why) => page.hold(why), reload: async () => store.load(await json(`${here}/`)),
  });
  rule.addEventListener("go", ({ detail }) => page.go(detail.epoch));
  rule.addEventListener("settled", async () => {
    decisions.forget();
    await page.go(store.nextOpen(-1) ?? store.current);
    page.say(store.open.length ? `${store.open.length} epochs left to settle` : SETTLED);
    texts.want();
  });
  return rule;
}

function followSaves({ queue, page, comments }) {
  queue.addEventListener("state", () => showSaveState(parts, queue.state));
  queue.addEventListener("closed", () => page.close());
  attachUnsent({ button: parts.readUnsent, night: nightName, state: () => queue.state, queues: [queue] });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => queue.wake());
  const isUnsaved = () => queue.state.count || page.isUnsaved || comments.isUnsent;
  addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());
}

async function start() {
  const [adjudication, recording, queue, kept] = await Promise.all([
    json(`${here}/`), night.recording(), openQueue(), loadKeys(preferences),
  ]);
  const signals = await loadSignals(night, recording);
  const { store, page, comments } = createPage({ adjudication, recording, queue, kept, signals });
  followSaves({ queue, page, comments });
  parts.finishNow.addEventListener("click", finish);
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
