// The key dialog on pages that have no keys of their own.

import { KeyDialog } from "../workbench/keydialog.js";
import { KeySets } from "../workbench/keysets.js";
import { keeperOf, loadKeys } from "../workbench/mykeys.js";
import { preferencesApi } from "../workbench/server.js";
import { soundSettings, stageKeysElsewhere } from "../workbench/settings.js";

let elsewhere = null;

/** Opens the dialog, which is made once. */
export async function openMyKeys() {
  elsewhere ??= dialogElsewhere();
  (await elsewhere).open();
}

async function dialogElsewhere() {
  const api = preferencesApi("/api/v1");
  const [kept, display] = await Promise.all([loadKeys(api), api.preferences("display")]);
  return new KeyDialog({
    sets: kept ?? new KeySets(), page: "workbench", onKeys: keeperOf(api, kept),
    ...stageKeysElsewhere(api, soundSettings(display)),
  });
}
