// All that this browser keeps of a person and the server does not have: changes of scorings, adjudications and
// ratings on disk, and comments. Each says whose it is, `owner` {user, name, path}.

import { forgetComments, waitingComments } from "../comments/waiting.js";
import { allKept, forget } from "../workbench/disk.js";

/** Without a database of the browser there are comments alone. */
export async function keptOf(user) {
  const saves = await allKept().catch(() => []);
  return [...saves.filter(({ owner }) => owner && String(owner.user) === user), ...waitingComments(user)];
}

export async function letGo(items) {
  const isComment = ({ kind }) => kind === "comment";
  forgetComments(items.filter(isComment));
  await forget(items.filter((item) => !isComment(item)));
}
