// Help, hints and key dialog of the workbench.

import { fillHelp } from "./help.js";
import { attachKeyDialog } from "./mykeys.js";

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
