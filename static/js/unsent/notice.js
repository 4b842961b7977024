// Under a notice that something is not sent: a button to read what it is.

import { openUnsent } from "./dialog.js";

/** `queues` say what waits (items) and let go of it (letGo()); only a scoring that takes nothing more lets go. */
export function attachUnsent({ button, night, state, queues }) {
  button.addEventListener("click", () => {
    const items = queues.flatMap((queue) => queue.items);
    openUnsent({ night, items, onLetGo: state().isClosed ? () => letGo(queues) : null });
  });
}

/** The page then shows what the server holds. */
async function letGo(queues) {
  await Promise.all(queues.map((queue) => queue.letGo()));
  location.reload();
}
