// Brings the workbench to life: loads the scoring, the signals and what was left unsaved, then makes the parts of the
// page in the order in which they know each other.

import { Keyboard, KeyMap } from "../keys/keyboard.js";
import { attachKeyDialog, fillHelp, loadKeys, showKeyHints } from "../keys/page.js";
import { ActiveTime, sameContent } from "../saving/changes.js";
import { ConflictPanel, SaveQueues } from "../saving/notices.js";
import { SaveQueue } from "../saving/queue.js";
import { openDisk } from "../saving/storage.js";
import {
  DisplayDialog, loadSettings, preferenceKeeper, shownWith, soundSettings,
} from "../signals/display.js";
import { Hypnogram, NightEnvelope } from "../signals/night.js";
import { loadSignals, rawOpener, recordingApi } from "../signals/records.js";
import { EPOCH_S, nightClock } from "../signals/scale.js";
import { attachMoving, TraceView } from "../signals/traces.js";
import { Answers, onThemeChange, partsOf, setText } from "../site/dom.js";
import { json, preferencesApi } from "../site/server.js";
import { Assistance, SuggestionPanel } from "./assistance.js";
import { attachKeeping, Editing, Sight } from "./editing.js";
import { EvidenceDesk } from "./evidence.js";
import { Lights, LightsDialog, LightsView, sameMarks } from "./lights.js";
import { attachRationaleBox, EpochPanel, Phrasebook } from "./panel.js";
import { CLOSED, filledStore, followSaves, restore, Session } from "./scores.js";
import { ClaimsPanel, commentsFollower, HistoryPanel } from "./sidepanels.js";
import { Findings, FindingsLine, SubmitDialog } from "./submit.js";
import { Candidates, Locks, Suggestions } from "./suggestions.js";
import { commandsOf, EpochPage, GotoDialog, placeOf, showAbsent, Turning, View } from "./workbench.js";

const WAITING = "The signal is loading.";
const LOCKED = "Until it is here, this epoch cannot be staged.";

const root = document.querySelector("[data-workbench]");
const parts = partsOf(document.body);
const { apiRoot, scoringId, recordingId, study, user, night } = root.dataset;
const owner = { user, name: night, path: location.pathname };
const api = { ...recordingApi({ root: apiRoot, recordingId }), ...scoringApi(), ...preferencesApi(apiRoot) };

function scoringApi() {
  const scoring = `${apiRoot}/scorings/${scoringId}`;
  return {
    scoring: () => json(`${scoring}/`),
    saveEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/`, "PUT", body),
    findings: () => json(`${scoring}/findings/`),
    lockEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/lock/`, "POST", body),
    suggestions: (first, count) => json(`${scoring}/suggestions/?first=${first}&count=${count}`),
    suggestedStages: () => json(`${scoring}/suggestions/stages/`),
    candidates: (first, count) => json(`${scoring}/candidates/?first=${first}&count=${count}`),
    fileEvents: () => json(`${scoring}/events/`),
    claims: (first, count) => json(`${scoring}/claims/?first=${first}&count=${count}`),
    history: (epoch) => json(`${scoring}/epochs/${epoch}/history/`),
    lights: () => json(`${scoring}/lights/`),
    saveLights: (body) => json(`${scoring}/lights/`, "PUT", body),
    submit: (body) => json(`${scoring}/submit/`, "POST", body),
    studyMontages: {
      load: () => json(`${apiRoot}/studies/${study}/montages/`),
      save: (body) => json(`${apiRoot}/studies/${study}/montages/`, "PUT", body),
    },
  };
}

async function openQueue() {
  const disk = await openDisk(Number(scoringId), owner).catch(() => null);
  return new SaveQueue({ disk, send: api.saveEpoch, sendLock: api.lockEpoch, isSame: sameContent });
}

async function openLightsQueue() {
  const disk = await openDisk(`lights-${scoringId}`, owner).catch(() => null);
  return new SaveQueue({ disk, send: (_, body) => api.saveLights(body), isSame: sameMarks });
}

/** Everything that comes from the server or from this browser before the page can be made. */
async function load() {
  const keeper = preferenceKeeper({ api, name: "display" });
  const [scoring, recording, queue, lightsQueue, kept, keptKeys, eventsModule] = await Promise.all([
    api.scoring(), api.recording(), openQueue(), openLightsQueue(), keeper.load(), loadKeys(api),
    // Most pages have no place for events of files, and do not load what shows them.
    parts.fileEvents ? import("./fileevents.js") : null,
  ]);
  const saves = new SaveQueues([queue, lightsQueue]);
  const settings = soundSettings({ ...loadSettings(), ...kept });
  const signals = await loadSignals(api, recording);
  return { scoring, recording, queue, lightsQueue, saves, keeper, settings, keptKeys, signals, eventsModule };
}

/** What every part of the workbench shares, see Bench in workbench.js. */
function createBench({ scoring, recording, queue, lightsQueue, keeper, settings, signals }) {
  const store = filledStore(scoring);
  const answers = new Answers({ parts });
  const { track, mode } = scoring;
  const view = new View({ parts, settings, keeper, hasRaw: Boolean(signals?.hasRaw), track, mode });
  const help = createHelp(scoring);
  const lights = new Lights({ marks: scoring.lights, epoch0S: recording.epoch0_s, queue: lightsQueue });
  const shown = () => ({
    ...shownWith(view.settings, {
      derivations: signals?.derivations ?? [], drawn: view.traces?.drawn ?? [],
      isRaw: Boolean(view.traces?.usesRaw),
    }),
    signals_version: signals?.version ?? null,
    ...(parts.fileEvents && { file_events: view.settings.fileEvents }),
    ...(help && {
      suggestion_on_screen: Boolean(help.suggestions.of(store.current)), candidates: view.settings.candidates,
    }),
  });
  const session = new Session({ store, queue, active: new ActiveTime(document), shown, lights });
  const turning = new Turning({ store, session, view, answers, place: placeOf(scoring.id) });
  const core = { parts, store, answers, view, session, turning };
  const bench = Object.freeze({ ...core, editing: new Editing(core, { rules: scoring.rules, lights }) });
  return { bench, lights, help };
}

/** What may be known of the scorings of others; null where the mode gives no help, and then nothing is fetched. */
function createHelp(scoring) {
  if (!parts.suggestion) return null;
  const locks = new Locks(scoring);
  return { locks, suggestions: new Suggestions({ epochCount: scoring.epoch_count, locks, api }) };
}

/** The traces of the page; null where the recording has no signals. */
function createTraces({ store, view, turning }, { signals, clock, openRaw }) {
  parts.noSignals.hidden = signals !== null;
  showAbsent(parts, signals);
  if (!signals) return null;
  const envelope = new NightEnvelope({ fetch: api.envelope });
  const traces = view.traces = new TraceView({
    layers: [parts.under, parts.traceCanvas, parts.over], signals, openRaw,
    epochCount: store.epochCount, settings: view.settings,
    night: { envelope, clock, mark: parts.epochMark, strip: parts.strip, onGo: (epoch) => turning.go(epoch) },
  });
  for (const source of [signals, envelope]) {
    source.addEventListener("failed", ({ detail }) =>
      setText(parts.waiting, `The signal could not be loaded. ${detail.error.message} Trying again. ${LOCKED}`),
    );
  }
  signals.addEventListener("epoch", () => setText(parts.waiting, WAITING));
  view.addEventListener("changed", () => traces.apply(view.settings, turning.part));
  turning.addEventListener("turned", () => traces.show(store.current, turning.part));
  return traces;
}

/** What wheel, pinch and middle button move. */
function movable({ view, turning, store }, traces) {
  return {
    traces, settings: () => view.settings, change: (action) => view.act(action),
    place: () => ({ epoch: store.current, part: turning.part, epochCount: store.epochCount }),
    zoom: (pageS, part) => {
      view.apply({ ...view.settings, pageS });
      turning.go(store.current, part);
    },
    go: (epoch, part) => turning.go(epoch, part),
    turn: (step) => turning.by(step),
  };
}

/** Suggestions and detected waves on the page, and their locks. */
function createAssistance(bench, { scoring: { mode, rules }, help: { locks, suggestions }, desk, hypnogram, queue }) {
  const panel = new SuggestionPanel({
    parts, rules: new Map(rules.map((rule) => [rule.id, rule])), onLight: (event) => desk.light(event),
    isReview: mode === "review",
  });
  const candidates = new Candidates(bench, { desk, locks, fetch: api.candidates });
  const assistance = new Assistance(bench, { mode, locks, suggestions, candidates, panel });
  queue.addEventListener("locked", ({ detail }) => {
    assistance.locked(detail.epoch, detail.answer.suggestion);
    hypnogram.redraw();
  });
  for (const name of ["unlocked", "conflict"]) {
    queue.addEventListener(name, ({ detail }) => assistance.notLocked(detail.epoch, detail.detail));
  }
  if (locks.hasOpen) suggestions.loadStages().then(() => hypnogram.redraw());
  return assistance;
}

/** Dialogs by the command that opens them. */
function createDialogs(bench, { loaded: { queue, saves, signals }, lights, clock, openRaw, findings, assistance }) {
  const { session, turning, view } = bench;
  const goto = new GotoDialog(bench, { clock });
  const display = new DisplayDialog({
    parts, signals, openRaw, settings: () => view.settings, onChange: (settings) => view.apply(settings),
    shared: api.studyMontages,
  });
  const lightsDialog = new LightsDialog(bench, { lights, clock, fetch: api.lights });
  const submit = new SubmitDialog(bench, { findings, unlocked: () => assistance?.unlocked ?? [], submit: api.submit });
  const conflicts = new ConflictPanel({
    parts,
    onGo: (epoch) => turning.go(epoch),
    onMine: (epoch) => queue.keepMine(epoch),
    onTheirs: (epoch, theirs) => session.takeTheirs(epoch, theirs),
  });
  saves.addEventListener("state", () => {
    conflicts.show(queue.conflicts());
    submit.follow({ waiting: saves.state.count });
  });
  return {
    goto: () => goto.open(),
    display: () => display.open(),
    lights: () => lightsDialog.open(),
    conflict: () => (queue.refused ? turning.go(queue.refused.epoch) : conflicts.focus()),
    submit: () => {
      session.flush();
      submit.open({ waiting: saves.state.count });
    },
  };
}

/** Keys in force, in the help, and on the page. Returns the dialogs that tell and change them. */
function attachKeys({ store, view, answers }, { keyboard, panel, keptKeys }) {
  const openKeys = attachKeyDialog({
    parts, api, kept: keptKeys, page: "workbench",
    putInForce: ({ workbench }) => {
      keyboard.keys = workbench;
      fillHelp(parts.helpKeys, workbench, { hasHelp: Boolean(parts.suggestion) });
      showKeyHints(document, workbench);
      panel.setKeys(workbench);
      panel.show(store.score(store.current));
    },
    stageKeys: () => view.settings,
    onStageKeys: (patch) => view.apply({ ...view.settings, ...patch }),
  });
  if (!keptKeys) answers.say("Your own keys could not be loaded; default keys are used");
  return { help: () => parts.help.showModal(), keys: openKeys };
}

function attachCommands({ editing }, { keyboard, panel, act }) {
  keyboard.addEventListener("command", ({ detail: { action, ...press } }) => act(action, press));
  keyboard.addEventListener("chord", ({ detail }) => panel.setChord(detail.typed?.toUpperCase() ?? null));
  keyboard.addEventListener("rule", ({ detail }) => editing.citeByChord(detail.typed));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) act(button.dataset.act);
  });
}

/** The whole page. Returns what start() goes on with. */
function createWorkbench(loaded) {
  const { scoring, recording, queue, signals, keptKeys, eventsModule } = loaded;
  const { bench, lights, help } = createBench(loaded);
  const { store, turning } = bench;
  const clock = nightClock({
    startClockS: recording.start_clock_s,
    epoch0S: recording.epoch0_s,
    nightS: recording.epoch_count * EPOCH_S,
  });
  const openRaw = signals?.hasRaw ? rawOpener({ layout: api.rawLayout, epochs: api.rawEpochs }) : async () => null;
  const traces = createTraces(bench, { signals, clock, openRaw });
  const sight = new Sight(bench, { signals, traces });
  if (traces) attachMoving(parts.traces, movable(bench, traces));
  if (signals) {
    const of = { user, recording: recordingId, version: String(signals.version) };
    attachKeeping(bench, { signals, owner: of, fetch: api.epochs });
  }
  const hypnogram = new Hypnogram({
    strip: parts.strip, store, clock, onGo: (epoch) => turning.go(epoch), other: help?.suggestions,
  });
  const desk = new EvidenceDesk(bench, { traces });
  const assistance = help && createAssistance(bench, { scoring, help, desk, hypnogram, queue });
  const fileEvents = eventsModule?.createFileEvents(bench, { traces, recording, queue, fetch: api.fileEvents }) ?? null;
  const findings = new Findings({ fetch: api.findings });
  const history = new HistoryPanel({ parts, fetch: api.history, unscored: scoring.unscored });
  // The page has a place for verdicts only where the mode and the person may have them.
  const onLight = (event) => desk.light(event);
  const claims = parts.claims ? new ClaimsPanel({ parts, fetch: api.claims, onLight }) : null;
  const keyboard = new Keyboard({ keys: keptKeys?.workbench ?? new KeyMap() });
  const panel = new EpochPanel({ parts, rules: scoring.rules, keys: keyboard.keys });
  const phrasebook = parts.rationale ? new Phrasebook(bench, { phrases: scoring.phrases }) : null;
  if (parts.rationale) attachRationaleBox(bench);
  const dialogs = {
    ...createDialogs(bench, { loaded, lights, clock, openRaw, findings, assistance }),
    ...attachKeys(bench, { keyboard, panel, keptKeys }),
  };
  const page = new EpochPage(bench, {
    panel, hypnogram, clock,
    followers: [
      new LightsView({ parts, lights, clock, traces, epochCount: store.epochCount }), desk, assistance, claims,
      fileEvents, new FindingsLine({ parts, findings }), history, commentsFollower(parts), sight,
    ].filter(Boolean),
  });
  turning.addEventListener("turned", () => page.show());
  const act = commandsOf(bench, {
    keyboard, panel, findings, history, lights, desk, assistance, fileEvents, phrasebook, dialogs,
  });
  attachCommands(bench, { keyboard, panel, act });
  queue.addEventListener("saved", () => {
    findings.refreshSoon();
    history.refreshSoon();
    claims?.refreshSoon();
  });
  onThemeChange(() => {
    hypnogram.recolour();
    traces?.rebuild();
  });
  return { bench, lights, assistance, findings };
}

async function start() {
  const loaded = await load();
  const { scoring, saves, signals } = loaded;
  const workbench = createWorkbench(loaded);
  const { store, turning, editing } = workbench.bench;
  followSaves(workbench.bench, { ...loaded, night });
  await restore(workbench, loaded);
  if (!scoring.editable) editing.lock(scoring.state === "open" ? "view only" : CLOSED[scoring.state] ?? scoring.state);
  turning.go(placeOf(scoring.id).first(store));
  saves.wake();
  workbench.findings.refresh();
  await signals?.want(store.current);
  root.dataset.ready = "";
}

start().catch((error) => {
  parts.notice.hidden = false;
  setText(
    parts.noticeText,
    `The recording could not be opened: ${error.message} Nothing was changed. Reload the page to try again.`,
  );
  parts.signIn.hidden = error.status !== 401;
  if (!("status" in error)) throw error;
});
