// The slow-wave ruler: seconds of marked slow waves on F4 towards the 6 s that N3 asks for.

import { setText } from "./dom.js";
import { slowWaveSeconds } from "./evidence.js";

export const N3_SECONDS = 6;

export function showRuler(node, evidence) {
  const seconds = slowWaveSeconds(evidence);
  node.hidden = seconds === 0;
  node.toggleAttribute("data-met", seconds >= N3_SECONDS);
  setText(node, `slow waves ${seconds.toFixed(1)} of ${N3_SECONDS} s`);
}
