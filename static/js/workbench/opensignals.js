// Signals on the page: loaded where the recording has any, drawn, and what of them is not here said in words.

import { setText } from "./dom.js";
import { NightEnvelope } from "./envelope.js";
import { DERIVATIONS } from "./montage.js";
import { RawView } from "./rawview.js";
import { SignalStore } from "./signals.js";
import { TraceView } from "./traces.js";

const WAITING = "The signal is on its way.";

/** The signals of a recording; null where it has none. */
export async function loadSignals(api, { state }) {
  if (state !== "ready") return null;
  const layout = await api.layout();
  return new SignalStore({ layout, fetchEpochs: api.epochs });
}

/** The raw view, fetched when it is first wanted; null where the night has none. */
export function rawOpener(api) {
  let opening = null;
  const open = async () => new RawView({ layout: await api.rawLayout(), fetchEpochs: api.rawEpochs });
  return () => (opening ??= open().catch((error) => {
    if (error.status === 404) return null;
    opening = null;
    if (!("status" in error)) throw error;
    return null;
  }));
}

export function createTraces({ parts, api, signals, store, settings, openRaw, clock, go }) {
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
export function showAbsent(parts, signals) {
  const absent = signals ? DERIVATIONS.filter((name) => !signals.derivations.includes(name)) : [];
  parts.absent.hidden = !absent.length;
  setText(parts.absent, `not in the file: ${absent.join(", ")}`);
}
