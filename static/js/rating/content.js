// What a rating holds, and what it still lacks. The server decides; this is for the page to say it at once.

export const DIMENSIONS = ["factual_accuracy", "evidence_comprehensiveness", "logical_coherence"];
const NEEDS_COMMENT = 2;

export function emptyRating() {
  return { factual_accuracy: null, evidence_comprehensiveness: null, logical_coherence: null, cannot_judge: false, comment: "" };
}

/** The part of a server's answer that a rater gives. */
export function contentOf(answer) {
  return Object.fromEntries(Object.keys(emptyRating()).map((name) => [name, answer[name]]));
}

export function sameContent(one, other) {
  return Object.keys(emptyRating()).every((name) => one[name] === other[name]);
}

export function missingOf(content) {
  if (content.cannot_judge) return [];
  const missing = DIMENSIONS.filter((name) => content[name] === null);
  const low = DIMENSIONS.some((name) => content[name] !== null && content[name] <= NEEDS_COMMENT);
  return low && !content.comment.trim() ? [...missing, "comment"] : missing;
}

/** The dimension the next digit goes to: the first without a score, else none. */
export function nextDimension(content) {
  return DIMENSIONS.find((name) => content[name] === null) ?? null;
}
