// Every command of the rating page with its key. What looks at the signal has the keys of the workbench; where judging
// has taken one of those, judging comes first.

const LEVELS = [1, 2, 3, 4, 5];

const JUDGING = [
  ...LEVELS.map((level) => ({ group: "Judge", action: `score:${level}`, keys: [String(level)], says: `Score ${level}` })),
  { group: "Judge", action: "comment", keys: ["C"], says: "Comment", how: "Esc leaves it, Ctrl Enter goes on" },
  { group: "Judge", action: "cannot", keys: ["X"], says: "Cannot judge" },
  { group: "Judge", action: "undo", keys: ["Z", "Ctrl+Z", "Backspace"], says: "Undo, on whatever rationale it was" },
  { group: "Judge", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Read", action: "phrase", keys: ["E"], says: "Light the next place that the text names" },
  { group: "Read", action: "dark", keys: ["Escape"], says: "Put the light out" },
  { group: "Read", action: "wording", keys: ["L"], says: "Wording of the rules, and away" },
  { group: "Move", action: "next", keys: ["Enter"], says: "Next rationale, once this one is rated" },
  { group: "Move", action: "back", keys: ["ArrowLeft"], says: "Rationale before", repeats: true },
  { group: "Move", action: "forward", keys: ["ArrowRight"], says: "Rationale after", repeats: true },
  { group: "Look", action: "part:before", keys: ["Shift+ArrowLeft"], says: "Earlier part of the epoch, on a short page", repeats: true },
  { group: "Look", action: "part:after", keys: ["Shift+ArrowRight"], says: "Later part of it", repeats: true },
  { group: "Move", action: "help", keys: ["?"], says: "These keys" },
  { group: "Move", action: "keys", keys: ["Shift+K"], says: "Change the keys" },
];

/** Commands of the workbench that hold here: what they are called here, there, and in words. */
const LOOKING = [
  { action: "view", like: "model", says: "The image as the model saw it, or the signal" },
  { action: "gain:up", like: "gain:up", says: "Larger waves", repeats: true },
  { action: "gain:down", like: "gain:down", says: "Smaller waves", repeats: true },
  { action: "page:shorter", like: "page:shorter", says: "Shorter page" },
  { action: "page:longer", like: "page:longer", says: "Longer page" },
  { action: "polarity", like: "polarity", says: "Negative up, or positive up" },
  { action: "sides", like: "sides", says: "Neighbours at the sides, and away" },
  { action: "display", like: "display", says: "Channels, their order and size, filters, colours" },
  { action: "filters", like: "filters", says: "Filters off, and back" },
  { action: "measure", like: "measure", says: "Measure a wave; or drag over it" },
];

export function ratingBindings(workbench) {
  return [...JUDGING, ...LOOKING.map(({ like, ...binding }) => ({ ...binding, group: "Look", keys: workbench.keysOf(like) }))];
}

/** What the help tells: the five scores in one row. */
export function helpRows(map) {
  const rows = map.bindings.map((binding) => ({ ...binding, keys: map.keysOf(binding.action) }));
  const isScore = ({ action }) => action.startsWith("score:");
  const scores = { group: "Judge", keys: rows.filter(isScore).flatMap(({ keys }) => keys), says: "Score, and on to the next of the three" };
  return [scores, ...rows.filter((row) => !isScore(row))];
}
