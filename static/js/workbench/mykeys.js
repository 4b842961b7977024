// The keys of the person: fetched with the page, written in the help and on the page, changed in a dialog.

import { KeyDialog } from "./keydialog.js";
import { KeySets } from "./keysets.js";

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

const NOT_FETCHED = "In force until you leave this page: your kept keys could not be fetched.";

/** What keeps changed keys, and answers in words; keys that could not be read are not written over. */
export function keeperOf(api, kept) {
  return async (sets) => (kept ? keepKeys(api, sets) : NOT_FETCHED);
}

/**
 * The dialog on a page with keys of its own: what is changed there is put in force at once. `kept` is what loadKeys()
 * gave; returns what opens the dialog.
 */
export function attachKeyDialog({ parts, api, kept, page, putInForce, stageKeys, onStageKeys }) {
  const sets = kept ?? new KeySets();
  const keep = keeperOf(api, kept);
  const dialog = new KeyDialog({
    sets, page, stageKeys, onStageKeys,
    onKeys: (changed) => {
      putInForce(changed);
      return keep(changed);
    },
  });
  parts.helpChange.addEventListener("click", () => {
    parts.help.close();
    dialog.open();
  });
  putInForce(sets);
  return () => dialog.open();
}
