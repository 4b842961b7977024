// Changes that the server does not have, in words that a person can read, copy and enter again.

import { dateAndTime } from "../dates.js";
import { labelOf, placeAndSize } from "../workbench/evidence.js";

const CHOICES = { take: "taken over", write: "written anew", withdraw: "decision taken back" };

const SCORES = { factual_accuracy: "accuracy", evidence_comprehensiveness: "evidence", logical_coherence: "coherence" };

/** Changes in the order in which they were made. */
export function inOrder(items) {
  return [...items].sort((a, b) => a.createdMs - b.createdMs);
}

function clockless(seconds) {
  return seconds === null ? "as the recording has it" : `${seconds} s from the start of the recording`;
}

function said({ stage, rules = [], flags = [], evidence = [], rationale = "", choice, side, reason }) {
  const decision = choice ? [[CHOICES[choice] ?? choice, side && `from ${side}`, reason && `reason: ${reason}`].filter(Boolean).join(", ")] : [];
  return [
    [stage ?? "not scored", ...rules, ...flags].join(", "),
    ...decision,
    ...evidence.map((event) => `${labelOf(event.kind)} in ${placeAndSize(event)}`),
    ...(rationale ? [rationale] : []),
  ];
}

/** Scores of a rating; what was not given is left out. */
function judged({ cannot_judge: cannot, comment, ...content }) {
  const scores = Object.entries(SCORES).filter(([name]) => content[name] !== null).map(([name, says]) => `${says} ${content[name]}`);
  return [cannot ? "cannot judge" : scores.join(", ") || "no score", ...(comment ? [comment] : [])];
}

/** One change as {title, lines}. Items of a rating study have no number that says anything. */
export function described({ kind, epoch, content, createdMs }) {
  const at = createdMs ? dateAndTime(new Date(createdMs)) : "some time ago";
  if (typeof epoch === "string") return { title: `A rating, ${at}`, lines: kind === "lock" ? ["asked for the gold"] : judged(content) };
  if (kind === "comment") return { title: `Comment on epoch ${epoch + 1}, ${at}`, lines: [content.rationale] };
  if (kind === "lock") return { title: `Epoch ${epoch + 1}, ${at}`, lines: ["answer locked"] };
  if ("off_s" in content) return { title: `Lights, ${at}`, lines: [`off: ${clockless(content.off_s)}`, `on: ${clockless(content.on_s)}`] };
  return { title: `Epoch ${epoch + 1}, ${at}`, lines: said(content) };
}

export function asText(items) {
  return inOrder(items).map((item) => {
    const { title, lines } = described(item);
    return [title, ...lines].join("\n");
  }).join("\n\n");
}

/** All that is known of the changes, for a program: epochs count from 0. */
export function asJson(items, night) {
  const changes = inOrder(items).map(({ kind, epoch, content, why, version, createdMs }) =>
    ({ kind: kind ?? "save", epoch, content, why, version, made_at: new Date(createdMs).toISOString() }));
  return JSON.stringify({ night, changes }, null, 2);
}

/** "since 2 Nov 2026, 03:04", of the oldest. */
export function since(items) {
  const [{ createdMs }] = inOrder(items);
  return createdMs ? `since ${dateAndTime(new Date(createdMs))}` : "for some time";
}

export function counted(number) {
  return number === 1 ? "1 change" : `${number} changes`;
}
