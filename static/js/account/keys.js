// The key dialog on pages that have no keys of their own.

import { KeyDialog } from "../keys/dialog.js";
import { KeySets } from "../keys/keyboard.js";
import { keeperOf, loadKeys } from "../keys/page.js";
import { soundSettings, stageKeysElsewhere } from "../signals/display.js";
import { preferencesApi } from "../site/server.js";

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
