// Brings the workbench to life: loads the scoring, the signals and what was left unsaved, and shows the first epoch.

import { attachUnsent } from "../unsent/notice.js";
import { createWorkbench } from "./assembly.js";
import { partsOf, setText } from "./dom.js";
import { KeyMap } from "./keymap.js";
import { attachMyKeys } from "./benchkeys.js";
import { loadKeys } from "./mykeys.js";
import { loadSignals, showAbsent } from "./opensignals.js";
import { onThemeChange } from "./palette.js";
import { preferenceKeeper } from "./preferences.js";
import { recordingApi } from "./recordingapi.js";
import { scoringApi } from "./scoringapi.js";
import { preferencesApi } from "./server.js";
import { SaveQueues } from "./queues.js";
import { CLOSED, followClosing, guardLeaving, openLightsQueue, openQueue } from "./saving.js";
import { loadSettings, soundSettings } from "./settings.js";

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
