// The keys of the person: fetched with the page, written in the help and on the page, changed in a dialog.

import { preferencesApi } from "./api.js";
import { fillHelp } from "./help.js";
import { KeyDialog } from "./keydialog.js";
import { KeyMap } from "./keymap.js";
import { keepSettings, soundSettings } from "./settings.js";

/** The keys kept on the server; null where it did not tell them. */
export async function loadKeys(api) {
  try {
    return new KeyMap(await api.preferences("keys"));
  } catch (error) {
    if (!("status" in error)) throw error;
    return null;
  }
}

async function keepKeys(api, map) {
  try {
    await api.keepPreferences("keys", map.own);
    return "Kept.";
  } catch (error) {
    if (!("status" in error)) throw error;
    return `Not kept, and in force until you leave this page. ${error.message}`;
  }
}

/** What cannot be read is not written over. */
async function keepNothing() {
  return "In force until you leave this page: your kept keys could not be fetched.";
}

/** Help, hints and dialog of the workbench; `kept` is what loadKeys() gave. */
export function attachMyKeys({ parts, api, kept, bench }) {
  const putInForce = (map) => {
    fillHelp(parts.helpKeys, map, { hasHelp: Boolean(parts.suggestion) });
    bench.setKeys(map);
  };
  const dialog = new KeyDialog({
    map: bench.keys,
    stageKeys: () => bench.settings,
    onKeys: (map) => {
      putInForce(map);
      return kept ? keepKeys(api, map) : keepNothing();
    },
    onStageKeys: (patch) => bench.apply({ ...bench.settings, ...patch }),
  });
  Object.assign(bench.dialogs, { help: () => parts.help.showModal(), keys: () => dialog.open() });
  parts.helpChange.addEventListener("click", () => {
    parts.help.close();
    dialog.open();
  });
  putInForce(bench.keys);
  if (!kept) bench.say("Your own keys could not be fetched: these are the keys as at first");
}

let elsewhere = null;

/** The same dialog on any other page. */
export async function openMyKeys() {
  elsewhere ??= dialogElsewhere();
  (await elsewhere).open();
}

async function dialogElsewhere() {
  const api = preferencesApi("/api/v1");
  const [kept, display] = await Promise.all([loadKeys(api), api.preferences("display")]);
  let settings = soundSettings(display);
  return new KeyDialog({
    map: kept ?? new KeyMap(),
    stageKeys: () => settings,
    onKeys: (map) => (kept ? keepKeys(api, map) : keepNothing()),
    onStageKeys: (patch) => {
      settings = { ...settings, ...patch };
      keepSettings(settings);
      return api.keepPreferences("display", settings);
    },
  });
}
