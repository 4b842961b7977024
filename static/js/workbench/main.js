// Brings the workbench to life: loads the scoring, the signals and what was left unsaved, and connects the parts.

import { ActiveTime } from "./active.js";
import { createApi } from "./api.js";
import { Assistance } from "./assistance.js";
import { nightClock } from "./clock.js";
import { ConflictPanel } from "./conflict.js";
import { openDisk } from "./disk.js";
import { DisplayDialog } from "./display.js";
import { partsOf, setText } from "./dom.js";
import { NightEnvelope } from "./envelope.js";
import { EvidenceDesk } from "./evidencedesk.js";
import { GotoDialog } from "./goto.js";
import { Findings, FindingsLine } from "./findings.js";
import { HistoryPanel } from "./history.js";
import { Hypnogram } from "./hypnogram.js";
import { KeyMap } from "./keymap.js";
import { attachMyKeys, loadKeys } from "./mykeys.js";
import { Lights, sameMarks } from "./lights.js";
import { LightsDialog } from "./lightsdialog.js";
import { LightsView } from "./lightsview.js";
import { DERIVATIONS } from "./montage.js";
import { onThemeChange } from "./palette.js";
import { EpochPanel } from "./panel.js";
import { Phrasebook } from "./phrasebook.js";
import { placeOf } from "./place.js";
import { preferenceKeeper } from "./preferences.js";
import { SaveQueue } from "./queue.js";
import { SaveQueues } from "./queues.js";
import { RawView } from "./rawview.js";
import { showSaveState } from "./savestate.js";
import { EPOCH_S } from "./scale.js";
import { Session } from "./session.js";
import { loadSettings, shownWith, soundSettings } from "./settings.js";
import { SignalStore } from "./signals.js";
import { ScoringStore } from "./store.js";
import { SubmitDialog } from "./submit.js";
import { TraceView } from "./traces.js";
import { Workbench } from "./workbench.js";

const WAITING = "The signal is on its way.";

const root = document.querySelector("[data-workbench]");
const parts = partsOf(document.body);
const { apiRoot, scoringId, recordingId } = root.dataset;
const api = createApi({ root: apiRoot, scoringId, recordingId });

function fillStore({ epoch_count: epochCount, scores }) {
  const store = new ScoringStore({ epochCount });
  for (const [epoch, stage, rules, rationale, flags, evidence, version] of scores) {
    store.set(epoch, { stage, rules, rationale, flags, evidence });
    store.setVersion(epoch, version);
  }
  return store;
}

async function loadSignals({ state }) {
  if (state !== "ready") return null;
  const layout = await api.layout();
  return new SignalStore({ layout, fetchEpochs: api.epochs });
}

/** The raw view, fetched when it is first wanted; null where the night has none. */
function rawOpener() {
  let opening = null;
  const open = async () => new RawView({ layout: await api.rawLayout(), fetchEpochs: api.rawEpochs });
  return () => (opening ??= open().catch((error) => {
    if (error.status === 404) return null;
    opening = null;
    if (!("status" in error)) throw error;
    return null;
  }));
}

function createTraces({ signals, store, settings, openRaw, clock, go }) {
  parts.noSignals.hidden = signals !== null;
  if (!signals) return null;
  const layers = [parts.under, parts.traceCanvas, parts.over];
  const envelope = new NightEnvelope({ fetch: api.envelope });
  const night = { envelope, clock, mark: parts.epochMark, strip: parts.strip, onGo: go };
  const traces = new TraceView({ layers, signals, epochCount: store.epochCount, settings, openRaw, night });
  for (const source of [signals, envelope]) {
    source.addEventListener("failed", ({ detail }) => setText(parts.waiting, `The signal is not here yet. ${detail.error.message} Trying again.`));
  }
  signals.addEventListener("epoch", () => setText(parts.waiting, WAITING));
  return traces;
}

async function openQueue() {
  const disk = await openDisk(Number(scoringId)).catch(() => null);
  return new SaveQueue({ disk, send: api.saveEpoch, sendLock: api.lockEpoch });
}

async function openLightsQueue() {
  const disk = await openDisk(`lights-${scoringId}`).catch(() => null);
  return new SaveQueue({ disk, send: (_, body) => api.saveLights(body), isSame: sameMarks });
}

function followQueues(saves, queue, conflicts) {
  saves.addEventListener("state", () => {
    showSaveState(parts, saves.state);
    conflicts.show(queue.conflicts());
  });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => saves.wake());
  document.addEventListener("visibilitychange", () => document.hidden || saves.wake());
}

const CLOSED = { submitted: "submitted", withdrawn: "taken away" };

/** A refusal for good ends the work here, before more is done in vain; a save that goes through opens it again. */
function followClosing(queue, workbench) {
  let closed = false;
  queue.addEventListener("closed", ({ detail }) => {
    if (!(detail.code in CLOSED)) return;
    closed = true;
    workbench.lock(CLOSED[detail.code]);
  });
  queue.addEventListener("saved", () => {
    if (closed) workbench.lock(null);
    closed = false;
  });
}

function guardLeaving(session, saves) {
  document.addEventListener("visibilitychange", () => document.hidden && session.flush());
  addEventListener("beforeunload", (event) => {
    session.flush();
    if (saves.state.count) event.preventDefault();
  });
}

/** The marks, their view and their dialog; of two windows the later mark stands, and the history has both. */
function createLights({ scoring, recording, queue, clock, traces, epochCount }) {
  const lights = new Lights({ told: scoring.lights, epoch0S: recording.epoch0_s, queue });
  queue.addEventListener("conflict", ({ detail }) => queue.keepMine(detail.epoch));
  return { lights, view: new LightsView({ parts, lights, clock, traces, epochCount }) };
}

/** The dialogs by the name of the action that opens them. */
function createDialogs({ store, session, queue, saves, clock, go, findings, display, lights, onLights, onSubmitted }) {
  const gotoDialog = new GotoDialog({ parts, store, clock, onGo: go });
  const submitDialog = new SubmitDialog({ parts, store, findings, onGo: go, submit: api.submit, onSubmitted });
  const conflicts = new ConflictPanel({
    parts, onGo: go,
    onMine: (epoch) => queue.keepMine(epoch),
    onTheirs: (epoch, theirs) => session.takeTheirs(epoch, theirs),
  });
  const lightsDialog = new LightsDialog({
    parts, lights, clock, nightS: store.epochCount * EPOCH_S, fetch: api.lights, onChange: onLights,
  });
  followQueues(saves, queue, conflicts);
  saves.addEventListener("state", () => submitDialog.follow({ waiting: saves.state.count }));
  return {
    goto: () => gotoDialog.open(),
    conflict: () => (queue.refused ? go(queue.refused.epoch) : conflicts.focus()),
    display: () => display.open(),
    lights: () => lightsDialog.open(),
    submit: () => {
      session.flush();
      submitDialog.open({ waiting: saves.state.count });
    },
  };
}

function createWorkbench({ scoring, recording, queue, lightsQueue, saves, signals, settings, keeper, keys }) {
  const store = fillStore(scoring);
  const clock = nightClock({ startClockS: recording.start_clock_s, epoch0S: recording.epoch0_s });
  const active = new ActiveTime(document);
  // The page has a place for help only where the mode gives any; without it nothing is asked for.
  const assistance = parts.suggestion ? new Assistance({ parts, scoring, api }) : null;
  const shown = () => ({ ...shownWith(workbench.settings, signals?.derivations ?? []), ...assistance?.shown() });
  const go = (epoch) => workbench.go(epoch);
  const findings = new Findings({ fetch: api.findings });
  const openRaw = signals ? rawOpener() : async () => null;
  const traces = createTraces({ signals, store, settings, openRaw, clock, go });
  const { lights, view } = createLights({ scoring, recording, queue: lightsQueue, clock, traces, epochCount: store.epochCount });
  const session = new Session({ store, queue, active, shown, lights });
  const display = new DisplayDialog({
    parts, signals, openRaw, settings: () => workbench.settings, onChange: (changed) => workbench.apply(changed),
  });
  const history = new HistoryPanel({ parts, fetch: api.history });
  const workbench = new Workbench({
    parts, store, session, settings, clock, findings, history, keeper, keys,
    track: scoring.track,
    rules: scoring.rules,
    mode: scoring.mode,
    editable: scoring.editable,
    place: placeOf(scoringId),
    traces, lights,
    hypnogram: new Hypnogram({ strip: parts.strip, store, clock, onGo: go, other: assistance }),
    panel: new EpochPanel({ parts, rules: scoring.rules, keys }),
    dialogs: createDialogs({
      store, session, queue, saves, clock, go, findings, display, lights,
      onLights: (marks) => workbench.changeLights(marks),
      onSubmitted: () => workbench.lock("submitted"),
    }),
  });
  if (parts.rationale) {
    workbench.phrasebook = new Phrasebook({
      parts,
      phrases: scoring.phrases,
      scoreOf: () => store.score(store.current),
      onText: (rationale) => workbench.edit({ rationale }, "phrase"),
    });
  }
  workbench.evidence = new EvidenceDesk({ parts, store, signals, bench: workbench });
  if (assistance) {
    assistance.attach({ bench: workbench, desk: workbench.evidence, queue, api });
    workbench.assistance = assistance;
  }
  const followers = [view, workbench.evidence, assistance, new FindingsLine({ parts, findings }), history, commentsFollower(parts)];
  workbench.followers.push(...followers.filter(Boolean));
  queue.addEventListener("saved", () => {
    findings.refreshSoon();
    history.refreshSoon();
  });
  return workbench;
}

/** Name the derivations that the file does not have: their rows are missing on the page. */
function showAbsent(signals) {
  const absent = signals ? DERIVATIONS.filter((name) => !signals.derivations.includes(name)) : [];
  parts.absent.hidden = !absent.length;
  setText(parts.absent, `not in the file: ${absent.join(", ")}`);
}

/** Tell the comments which epoch is shown, and count the open ones on their button. */
function commentsFollower(parts) {
  document.addEventListener("commentcount", ({ detail }) => {
    setText(parts.commentCount, detail.open ? `Comments (${detail.open})` : "Comments");
  });
  return { show: (epoch) => document.dispatchEvent(new CustomEvent("epochshown", { detail: { epoch } })) };
}

async function start() {
  const keeper = preferenceKeeper({ api, name: "display" });
  const [scoring, recording, queue, lightsQueue, kept, keptKeys] = await Promise.all([
    api.scoring(), api.recording(), openQueue(), openLightsQueue(), keeper.load(), loadKeys(api),
  ]);
  const saves = new SaveQueues([queue, lightsQueue]);
  const settings = soundSettings({ ...loadSettings(), ...kept });
  const signals = await loadSignals(recording);
  const workbench = createWorkbench({ scoring, recording, queue, lightsQueue, saves, signals, settings, keeper, keys: keptKeys ?? new KeyMap() });
  attachMyKeys({ parts, api, kept: keptKeys, bench: workbench });
  const { session, store, place } = workbench;
  const left = await queue.restore();
  session.adopt(left);
  workbench.assistance?.adopt(left);
  workbench.lights.adopt(await lightsQueue.restore());
  guardLeaving(session, saves);
  for (const one of [queue, lightsQueue]) followClosing(one, workbench);
  onThemeChange(() => workbench.recolour());
  if (signals) parts.spectrogram.src = api.spectrogramUrl;
  showAbsent(signals);
  if (!scoring.editable) workbench.lock(scoring.state === "open" ? "only looked at" : CLOSED[scoring.state] ?? scoring.state);
  workbench.showProgress();
  workbench.go(place.first(store));
  saves.wake();
  workbench.findings.refresh();
  root.dataset.ready = "";
}

start().catch((error) => {
  parts.notice.hidden = false;
  setText(parts.noticeText, `The night could not be opened: ${error.message} Nothing was changed. Reload the page to try again.`);
  parts.signIn.hidden = error.status !== 401;
  if (!("status" in error)) throw error;
});
