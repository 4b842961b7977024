// Brings the workbench to life: builds its parts in order, loads the scoring, the signals and what was left unsaved.

import { KeyMap } from "../keys/keyboard.js";
import { attachKeyDialog, fillHelp, loadKeys } from "../keys/mykeys.js";
import { openDisk } from "../saving/browser.js";
import { ActiveTime } from "../saving/changes.js";
import { attachUnsent, ConflictPanel, SaveQueues, showSaveState } from "../saving/notices.js";
import { SaveQueue } from "../saving/queue.js";
import {
  DERIVATIONS, DisplayDialog, loadSettings, preferenceKeeper, shownWith, soundSettings,
} from "../signals/display.js";
import { Hypnogram, NightEnvelope } from "../signals/night.js";
import { RawView, recordingApi, SignalStore } from "../signals/records.js";
import { EPOCH_S, nightClock } from "../signals/scale.js";
import { TraceView } from "../signals/traces.js";
import { onThemeChange } from "../site/colours.js";
import { partsOf, setText } from "../site/dom.js";
import { json, preferencesApi } from "../site/server.js";
import { Assistance } from "./assistance.js";
import { EvidenceDesk } from "./evidencedesk.js";
import { Lights, LightsDialog, LightsView, sameMarks } from "./lights.js";
import { EpochPanel, Phrasebook } from "./panel.js";
import { sameScore, ScoringStore, Session } from "./scores.js";
import { ClaimsPanel, HistoryPanel } from "./sidepanels.js";
import { Findings, FindingsLine, SubmitDialog } from "./submit.js";
import { GotoDialog, placeOf, Workbench } from "./workbench.js";

// A scoring on the server.

function scoringApi({ root, scoringId }) {
  const scoring = `${root}/scorings/${scoringId}`;
  return {
    scoring: () => json(`${scoring}/`),
    saveEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/`, "PUT", body),
    findings: () => json(`${scoring}/findings/`),
    lockEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/lock/`, "POST", body),
    suggestions: (first, count) => json(`${scoring}/suggestions/?first=${first}&count=${count}`),
    suggestedStages: () => json(`${scoring}/suggestions/stages/`),
    candidates: (first, count) => json(`${scoring}/candidates/?first=${first}&count=${count}`),
    claims: (first, count) => json(`${scoring}/claims/?first=${first}&count=${count}`),
    history: (epoch) => json(`${scoring}/epochs/${epoch}/history/`),
    lights: () => json(`${scoring}/lights/`),
    saveLights: (body) => json(`${scoring}/lights/`, "PUT", body),
    submit: (body) => json(`${scoring}/submit/`, "POST", body),
  };
}

// Signals on the page: loaded where the recording has any, drawn, and what of them is not here said in words.

const WAITING = "The signal is on its way.";

/** The signals of a recording; null where it has none. */
async function loadSignals(api, { state }) {
  if (state !== "ready") return null;
  const layout = await api.layout();
  return new SignalStore({ layout, fetchEpochs: api.epochs });
}

/** The raw view, fetched when it is first wanted; null where the night has none. */
function rawOpener(api) {
  let opening = null;
  const open = async () => new RawView({ layout: await api.rawLayout(), fetchEpochs: api.rawEpochs });
  return () => (opening ??= open().catch((error) => {
    if (error.status === 404) return null;
    opening = null;
    if (!("status" in error)) throw error;
    return null;
  }));
}

function createTraces({ parts, api, signals, store, settings, openRaw, clock, go }) {
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

/** Name the derivations that the file does not have: their rows are missing on the page. */
function showAbsent(parts, signals) {
  const absent = signals ? DERIVATIONS.filter((name) => !signals.derivations.includes(name)) : [];
  parts.absent.hidden = !absent.length;
  setText(parts.absent, `not in the file: ${absent.join(", ")}`);
}

// Saves between page and server: the queues of this scoring, and what the page does as they move, fail or end.

/** Why nothing more can be saved, in the words of the bar, by the server's code or the scoring's state. */
const CLOSED = { submitted: "submitted", withdrawn: "taken away" };

async function openQueue(api, scoringId, owner) {
  const disk = await openDisk(Number(scoringId), owner).catch(() => null);
  return new SaveQueue({ disk, send: api.saveEpoch, sendLock: api.lockEpoch, isSame: sameScore });
}

async function openLightsQueue(api, scoringId, owner) {
  const disk = await openDisk(`lights-${scoringId}`, owner).catch(() => null);
  return new SaveQueue({ disk, send: (_, body) => api.saveLights(body), isSame: sameMarks });
}

function followQueues({ parts, saves, queue, conflicts }) {
  saves.addEventListener("state", () => {
    showSaveState(parts, saves.state);
    conflicts.show(queue.conflicts());
  });
  for (const sign of ["online", "focus"]) addEventListener(sign, () => saves.wake());
  document.addEventListener("visibilitychange", () => document.hidden || saves.wake());
}

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

/** What was typed last goes into the queue, and leaving with unsent changes is asked about. */
function guardLeaving(session, saves) {
  document.addEventListener("visibilitychange", () => document.hidden && session.flush());
  addEventListener("beforeunload", (event) => {
    session.flush();
    if (saves.state.count) event.preventDefault();
  });
}

// The dialogs of the workbench, by the name of the action that opens them.

function createDialogs({ parts, api, store, assistance, session, queue, saves, clock, go, findings, display, lights, onLights, onSubmitted }) {
  const gotoDialog = new GotoDialog({ parts, store, clock, onGo: go });
  const submitDialog = new SubmitDialog({
    parts, store, findings, unlocked: () => assistance.unlocked, onGo: go, submit: api.submit, onSubmitted,
  });
  const conflicts = new ConflictPanel({
    parts, onGo: go,
    onMine: (epoch) => queue.keepMine(epoch),
    onTheirs: (epoch, theirs) => session.takeTheirs(epoch, theirs),
  });
  const lightsDialog = new LightsDialog({
    parts, lights, clock, nightS: store.epochCount * EPOCH_S, fetch: api.lights, onChange: onLights,
  });
  followQueues({ parts, saves, queue, conflicts });
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

// Help, hints and key dialog of the workbench.

/** Help, hints and dialog of the workbench. */
function attachMyKeys({ parts, api, kept, bench }) {
  const open = attachKeyDialog({
    parts, api, kept, page: "workbench",
    putInForce: ({ workbench }) => {
      fillHelp(parts.helpKeys, workbench, { hasHelp: Boolean(parts.suggestion) });
      bench.setKeys(workbench);
    },
    stageKeys: () => bench.settings,
    onStageKeys: (patch) => bench.apply({ ...bench.settings, ...patch }),
  });
  Object.assign(bench.dialogs, { help: () => parts.help.showModal(), keys: open });
  if (!kept) bench.say("Your own keys could not be fetched: these are the keys as at first");
}

// Puts the workbench together: which part knows which, and who is told when the page turns.

function filledStore({ epoch_count: epochCount, scores }) {
  const store = new ScoringStore({ epochCount });
  for (const [epoch, stage, rules, rationale, flags, evidence, version] of scores) {
    store.set(epoch, { stage, rules, rationale, flags, evidence });
    store.setVersion(epoch, version);
  }
  return store;
}

/** The marks, their view and their dialog; of two windows the later mark stands, and the history has both. */
function createLights({ parts, scoring, recording, queue, clock, traces, epochCount }) {
  const lights = new Lights({ told: scoring.lights, epoch0S: recording.epoch0_s, queue });
  queue.addEventListener("conflict", ({ detail }) => queue.keepMine(detail.epoch));
  return { lights, view: new LightsView({ parts, lights, clock, traces, epochCount }) };
}

/** Tell the comments which epoch is shown, and count the open ones on their button. */
function commentsFollower(parts) {
  document.addEventListener("commentcount", ({ detail }) => {
    setText(parts.commentCount, detail.open ? `Comments (${detail.open})` : "Comments");
  });
  return { show: (epoch) => document.dispatchEvent(new CustomEvent("epochshown", { detail: { epoch } })) };
}

function createPhrasebook({ parts, scoring, store, workbench }) {
  return new Phrasebook({
    parts,
    phrases: scoring.phrases,
    scoreOf: () => store.score(store.current),
    onText: (rationale) => workbench.edit({ rationale }, "phrase"),
  });
}

function createWorkbench({ parts, api, scoring, recording, queue, lightsQueue, saves, signals, settings, keeper, keys }) {
  const store = filledStore(scoring);
  const clock = nightClock({ startClockS: recording.start_clock_s, epoch0S: recording.epoch0_s });
  const active = new ActiveTime(document);
  // The page has a place for help only where the mode gives any; without it nothing is asked for.
  const assistance = parts.suggestion ? new Assistance({ parts, scoring, api }) : null;
  const shown = () => ({ ...shownWith(workbench.settings, signals?.derivations ?? []), ...assistance?.shown() });
  const go = (epoch) => workbench.go(epoch);
  const findings = new Findings({ fetch: api.findings });
  const openRaw = signals ? rawOpener(api) : async () => null;
  const traces = createTraces({ parts, api, signals, store, settings, openRaw, clock, go });
  const { lights, view } = createLights({ parts, scoring, recording, queue: lightsQueue, clock, traces, epochCount: store.epochCount });
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
    place: placeOf(scoring.id),
    traces, lights,
    hypnogram: new Hypnogram({ strip: parts.strip, store, clock, onGo: go, other: assistance }),
    panel: new EpochPanel({ parts, rules: scoring.rules, keys }),
    dialogs: createDialogs({
      parts, api, store, assistance, session, queue, saves, clock, go, findings, display, lights,
      onLights: (marks) => workbench.editing.changeLights(marks),
      onSubmitted: () => workbench.lock("submitted"),
    }),
  });
  if (parts.rationale) workbench.phrasebook = createPhrasebook({ parts, scoring, store, workbench });
  workbench.evidence = new EvidenceDesk({ parts, store, signals, bench: workbench });
  if (assistance) {
    assistance.attach({ bench: workbench, desk: workbench.evidence, queue, api });
    workbench.assistance = assistance;
  }
  // The page has a place for verdicts only where the mode and the person may have them.
  const claims = parts.claims ? new ClaimsPanel({ parts, fetch: api.claims, onLight: (event) => workbench.evidence.light(event) }) : null;
  const followers = [view, workbench.evidence, assistance, claims, new FindingsLine({ parts, findings }), history, commentsFollower(parts)];
  workbench.followers.push(...followers.filter(Boolean));
  queue.addEventListener("saved", () => {
    findings.refreshSoon();
    history.refreshSoon();
    claims?.refreshSoon();
  });
  return workbench;
}

// Brings the workbench to life: loads the scoring, the signals and what was left unsaved, and shows the first epoch.

const root = document.querySelector("[data-workbench]");
const parts = partsOf(document.body);
const { apiRoot, scoringId, recordingId, user, night } = root.dataset;
const owner = { user, name: night, path: location.pathname };
const api = {
  ...recordingApi({ root: apiRoot, recordingId }), ...scoringApi({ root: apiRoot, scoringId }), ...preferencesApi(apiRoot),
};

/** What an earlier visit left unsent, shown as it was left. */
async function restore({ workbench, queue, lightsQueue }) {
  const left = await queue.restore();
  workbench.session.adopt(left);
  workbench.assistance?.adopt(left);
  workbench.lights.adopt(await lightsQueue.restore());
}

async function start() {
  const keeper = preferenceKeeper({ api, name: "display" });
  const [scoring, recording, queue, lightsQueue, kept, keptKeys] = await Promise.all([
    api.scoring(), api.recording(), openQueue(api, scoringId, owner), openLightsQueue(api, scoringId, owner), keeper.load(), loadKeys(api),
  ]);
  const saves = new SaveQueues([queue, lightsQueue]);
  const settings = soundSettings({ ...loadSettings(), ...kept });
  const signals = await loadSignals(api, recording);
  const workbench = createWorkbench({
    parts, api, scoring, recording, queue, lightsQueue, saves, signals, settings, keeper, keys: keptKeys?.workbench ?? new KeyMap(),
  });
  attachMyKeys({ parts, api, kept: keptKeys, bench: workbench });
  await restore({ workbench, queue, lightsQueue });
  guardLeaving(workbench.session, saves);
  attachUnsent({ button: parts.readUnsent, night, state: () => saves.state, queues: [queue, lightsQueue] });
  for (const one of [queue, lightsQueue]) followClosing(one, workbench);
  onThemeChange(() => workbench.recolour());
  if (signals) parts.spectrogram.src = api.spectrogramUrl;
  showAbsent(parts, signals);
  if (!scoring.editable) workbench.lock(scoring.state === "open" ? "only looked at" : CLOSED[scoring.state] ?? scoring.state);
  workbench.showProgress();
  workbench.go(workbench.place.first(workbench.store));
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
