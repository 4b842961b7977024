// The signals of one item on canvas, drawn by the workbench's own view.

import { DEFAULTS } from "../workbench/settings.js";
import { SignalStore } from "../workbench/signals.js";
import { TraceView } from "../workbench/traces.js";

const LAYERS = 3;

/** Draw into `holder`, in place of the item that was there. */
export function showTraces(holder, item, { sides }) {
  const layers = Array.from({ length: LAYERS }, () => document.createElement("canvas"));
  holder.replaceChildren(...layers);
  const { signals: layout } = item;
  const signals = new SignalStore({ layout, fetchEpochs: item.fetchSignals });
  // The defaults, not what this person set for their own scoring: every rater sees the same.
  const settings = { ...DEFAULTS, sides };
  const view = new TraceView({
    layers, signals, settings, derivations: layout.derivations, epochCount: layout.epoch_count,
  });
  view.rebuild();
  view.show(layout.target, 0);
  return view;
}
