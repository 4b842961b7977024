// What a save that came back says, as one word: the queue of saves acts on the word alone.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * - "signed-out": nobody is signed in; it goes on after that
 * - "unlockable": the server would not fix the answer; what was saved behind it goes on by itself
 * - "stale": the server holds something else
 * - "closed": nothing can be saved any more, submitted, withdrawn, or no longer shared with us
 * - "refused": not as it is; it waits for its correction
 * - "later": no answer, or none that says anything
 */
export function meaningOf({ kind }, { status, body = {} }) {
  if (status === 401) return "signed-out";
  if (kind === "lock" && (status === 400 || body.current || body.code === "unscored")) return "unlockable";
  if (status === 409 && body.current) return "stale";
  if ([403, 404, 409].includes(status)) return "closed";
  return [400, 413].includes(status) ? "refused" : "later";
}

/** Longer with every failure in a row, and never the same for all browsers of a house. */
export function waitMs(failures) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures * (0.75 + Math.random() / 2));
}
