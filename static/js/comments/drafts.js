// Words not sent yet, by epoch, kept until they are: the network or the tab may go before.

import { kept } from "./kept.js";

export function draftsOf(owner) {
  const held = new Map();
  const place = (epoch) => kept(`epochwise.comment.${owner}.${epoch}`);
  return {
    of: (epoch) => held.get(epoch) ?? place(epoch).read() ?? "",
    keep(epoch, text) {
      held.set(epoch, text);
      place(epoch).write(text || null);
    },
  };
}
