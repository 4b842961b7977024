// Every command of the adjudication page with its key. Walking and looking at the signal have the keys of the
// workbench where the page has no use of its own for them, and so has what is written.

export const SIDES = ["A", "B", "C", "D", "E", "F"];

const SETTLING = [
  ...SIDES.slice(0, 3).map((side, place) => ({ group: "Settle", action: `take:${side}`, keys: [side, String(place + 1)], says: `Take side ${side}` })),
  { group: "Settle", action: "write", keys: ["E"], says: "Write another decision" },
  { group: "Settle", action: "cancel", keys: ["Escape"], says: "Leave a choice that has no reason yet" },
  { group: "Settle", action: "undo", keys: ["Z", "Ctrl+Z"], says: "Undo" },
  { group: "Settle", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Settle", action: "conflict", keys: ["X"], says: "Choose what stands where an epoch was settled elsewhere" },
  { group: "Settle", action: "finish", keys: ["Ctrl+Enter"], says: "Make the consensus" },
  { group: "Move", action: "open", keys: ["N", "Enter"], says: "Next epoch to settle" },
  { group: "Move", action: "disputed:1", keys: ["D"], says: "Next disagreement" },
  { group: "Move", action: "disputed:-1", keys: ["Shift+D"], says: "Disagreement before" },
  { group: "Move", action: "turn:1", keys: ["ArrowRight"], says: "Next epoch", repeats: true },
  { group: "Move", action: "turn:-1", keys: ["ArrowLeft"], says: "Epoch before", repeats: true },
  { group: "Look", action: "help", keys: ["?"], says: "These keys" },
  { group: "Look", action: "keys", keys: ["Shift+K"], says: "Change the keys" },
  // Sides beyond the third are rare: their letters are theirs where nothing above has them.
  ...SIDES.slice(3).map((side, place) => ({ group: "Further sides", action: `take:${side}`, keys: [side, String(place + 4)], says: `Take side ${side}` })),
];

const LOOKING = [
  { action: "gain:up", says: "Larger waves", repeats: true },
  { action: "gain:down", says: "Smaller waves", repeats: true },
  { action: "page:shorter", says: "Shorter page" },
  { action: "page:longer", says: "Longer page" },
  { action: "polarity", says: "Negative up, or positive up" },
  { action: "model", says: "As the model sees it, and back" },
  { action: "sides", says: "Neighbours at the sides, and away" },
];

/** While a decision is written, commands of the workbench come first: what they are called here. */
export const WRITING = new Map([
  ...["W", "N1", "N2", "N3", "R"].map((stage) => [`stage:${stage}`, `stage:${stage}`]),
  ...[0, 1, 2, 3].map((place) => [`quick:${place}`, `quick:${place}`]),
  ["explain", "words"],
]);

export function adjudicationBindings(workbench) {
  return [...SETTLING, ...LOOKING.map((binding) => ({ ...binding, group: "Look", keys: workbench.keysOf(binding.action) }))];
}

/** What the help tells on a page with so many sides. */
export function helpRows({ workbench, adjudication }, sides) {
  const rows = adjudication.bindings.map((binding) => ({ ...binding, keys: adjudication.keysOf(binding.action) }));
  const isThere = ({ action }) => !action.startsWith("take:") || sides.includes(action.slice("take:".length));
  const reasons = { group: "Settle", keys: ["1", "2", "…"], says: "Once a side is taken: the reason", how: "and the next one to settle comes" };
  const written = workbench.bindings.filter(({ action }) => WRITING.has(action)).map((binding) =>
    ({ ...binding, group: "While writing", how: binding.action === "explain" ? "Esc leaves it, Ctrl Enter is done" : undefined, keys: workbench.keysOf(binding.action) }));
  return [...rows.filter(isThere), reasons, ...written, { group: "While writing", keys: ["Enter"], says: "Done" }];
}
