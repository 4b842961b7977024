// Puts the workbench together: which part knows which, and who is told when the page turns.

import { ActiveTime } from "./active.js";
import { Assistance } from "./assistance.js";
import { ClaimsPanel } from "./claims.js";
import { nightClock } from "./clock.js";
import { createDialogs } from "./dialogs.js";
import { DisplayDialog } from "./display.js";
import { setText } from "./dom.js";
import { EvidenceDesk } from "./evidencedesk.js";
import { Findings, FindingsLine } from "./findings.js";
import { HistoryPanel } from "./history.js";
import { Hypnogram } from "./hypnogram.js";
import { Lights } from "./lights.js";
import { LightsView } from "./lightsview.js";
import { createTraces, rawOpener } from "./opensignals.js";
import { EpochPanel } from "./panel.js";
import { Phrasebook } from "./phrasebook.js";
import { placeOf } from "./place.js";
import { Session } from "./session.js";
import { shownWith } from "./settings.js";
import { ScoringStore } from "./store.js";
import { Workbench } from "./workbench.js";

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

export function createWorkbench({ parts, api, scoring, recording, queue, lightsQueue, saves, signals, settings, keeper, keys }) {
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
