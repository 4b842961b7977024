// The keys of the person: fetched with the page, written in the help and on the page, changed in a dialog.

import { preferencesApi } from "./api.js";
import { fillHelp } from "./help.js";
import { KeyDialog } from "./keydialog.js";
import { KeySets } from "./keysets.js";
import { keepSettings, loadSettings, soundSettings } from "./settings.js";

/** The keys kept on the server; null where it did not tell them. */
export async function loadKeys(api) {
  try {
    return new KeySets(await api.preferences("keys"));
  } catch (error) {
    if (!("status" in error)) throw error;
    return null;
  }
}

async function keepKeys(api, sets) {
  try {
    await api.keepPreferences("keys", sets.own);
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

/**
 * The dialog on a page with keys of its own: what is changed there is put in force at once. `kept` is what loadKeys()
 * gave; returns what opens the dialog.
 */
export function attachKeyDialog({ parts, api, kept, page, putInForce, stageKeys, onStageKeys }) {
  const sets = kept ?? new KeySets();
  const dialog = new KeyDialog({
    sets, page, stageKeys, onStageKeys,
    onKeys: (changed) => {
      putInForce(changed);
      return kept ? keepKeys(api, changed) : keepNothing();
    },
  });
  parts.helpChange.addEventListener("click", () => {
    parts.help.close();
    dialog.open();
  });
  putInForce(sets);
  return () => dialog.open();
}

/** Help, hints and dialog of the workbench. */
export function attachMyKeys({ parts, api, kept, bench }) {
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

/** Where no night is scored, how a stage key goes on is kept for the next one. */
export function stageKeysElsewhere(api, settings = loadSettings()) {
  return {
    stageKeys: () => settings,
    onStageKeys: (patch) => {
      settings = { ...settings, ...patch };
      keepSettings(settings);
      return api.keepPreferences("display", settings);
    },
  };
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
  return new KeyDialog({
    sets: kept ?? new KeySets(), page: "workbench",
    onKeys: (sets) => (kept ? keepKeys(api, sets) : keepNothing()),
    ...stageKeysElsewhere(api, soundSettings(display)),
  });
}
