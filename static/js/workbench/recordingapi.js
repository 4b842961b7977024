// A recording on the server: its facts, and its records of samples.

import { bytes, json } from "./server.js";

export function recordingApi({ root, recordingId }) {
  const recording = `${root}/recordings/${recordingId}`;
  return {
    spectrogramUrl: `${recording}/spectrogram.png`,
    recording: () => json(`${recording}/`),
    layout: () => json(`${recording}/layout/`),
    rawLayout: () => json(`${recording}/layout/?view=raw`),
    envelope: (view) => bytes(`${recording}/envelope/${view === "raw" ? "?view=raw" : ""}`),
    epochs: (first, count) => bytes(`${recording}/epochs/${first}/?count=${count}`),
    rawEpochs: (first, count) => bytes(`${recording}/epochs/${first}/?count=${count}&view=raw`),
  };
}
