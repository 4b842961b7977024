// The signals of one item on canvas, drawn by the workbench's own view.

import { SignalStore } from "../workbench/signals.js";
import { TraceView } from "../workbench/traces.js";

const SETTINGS = { gainUvPerMm: 7, negativeUp: true, model: false, pageS: 30 };
const LAYERS = 3;

/** Draw into `holder`, in place of the item that was there. */
export function showTraces(holder, item, { sides }) {
  const layers = Array.from({ length: LAYERS }, () => document.createElement("canvas"));
  holder.replaceChildren(...layers);
  const { signals: layout } = item;
  const signals = new SignalStore({ layout, fetchEpochs: item.fetchSignals });
  const settings = { ...SETTINGS, sides };
  const view = new TraceView({
    layers, signals, settings, derivations: layout.derivations, epochCount: layout.epoch_count,
  });
  view.rebuild();
  view.show(layout.target, 0);
  return view;
}
