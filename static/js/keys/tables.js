// Every command of the pages with its keys: for the handlers, the help and the key dialog. A new command is a line
// here and a verb on its page. `how` stands in the help only; a command with `repeats` goes on acting while its key
// is held down; `does` is said where it is not that of its group, see doesOf().

import { DIMENSIONS, FLAGS, STAGES } from "../site/registries.js";

/** Digits and letters of stages: the last character, W, 1, 2, 3, R; the first stage has 0 beside the other digits. */
function keysOfStage(id, index) {
  return index === 0 ? [id.at(-1), "0"] : [id.at(-1)];
}

const stageBindings = STAGES.map(({ id, label }, index) =>
  ({ group: "Stage", action: `stage:${id}`, keys: keysOfStage(id, index), says: label }));

/** Keys of the first flags; further flags have none until a person gives them some. */
const FLAG_KEYS = ["F", "Shift+F"];
const flagBindings = FLAGS.map(({ id, label }, index) => ({
  group: "Rules and rationale", action: `flag:${id}`, keys: FLAG_KEYS.slice(index, index + 1),
  says: `Flag: ${label.toLowerCase()}`,
}));

/** Commands of scorings whose mode offers suggestions. */
export const HELP_FROM_OTHERS = "Suggestions";

// What the commands of a group do: "moves" goes elsewhere, "shows" opens or draws something, "changes" can be undone.
const DOES = {
  Stage: "changes", "Rules and rationale": "changes", Evidence: "changes", [HELP_FROM_OTHERS]: "changes",
  Move: "moves", Display: "shows", Work: "shows", Recording: "changes", Rate: "changes", Read: "shows",
  Decision: "changes", "Further scorings": "changes",
  "While writing": "moves", "While measuring": "shows", "In a dialog": "shows",
};

/**
 * What a command does. "fixes" is what no undo takes back; on no page does its key do anything else. A key that moves
 * changes nothing on any page.
 */
export function doesOf({ does, group }) {
  return does ?? DOES[group];
}

export const BINDINGS = [
  ...stageBindings,
  { group: "Stage", action: "unscore", keys: ["U", "Delete"], says: "Not scored" },
  {
    group: "Stage", action: "advance", does: "shows", keys: ["A"], says: "After a stage key: next epoch or same epoch",
    how: "Shift with a stage key does the opposite",
  },
  { group: "Rules and rationale", action: "quick:0", keys: ["J"], says: "Cite the first rule offered" },
  { group: "Rules and rationale", action: "quick:1", keys: ["K"], says: "Cite the second rule offered" },
  { group: "Rules and rationale", action: "quick:2", keys: ["L"], says: "Cite the third rule offered" },
  { group: "Rules and rationale", action: "quick:3", keys: [";"], says: "Cite the fourth rule offered" },
  {
    group: "Rules and rationale", action: "chord", keys: ["."], says: "Cite any rule",
    how: "then its stage and number: 24 is N2.4, R3 is R.3, M1 is MBM.1",
  },
  { group: "Rules and rationale", action: "explain", does: "shows", keys: ["E"], says: "Write the rationale" },
  { group: "Rules and rationale", action: "phrases", keys: ["Q"], says: "Phrases: type to search, Enter to insert" },
  { group: "Rules and rationale", action: "copy", keys: ["Y"], says: "Copy rules and rationale from the epoch before" },
  ...flagBindings,
  { group: "Evidence", action: "measure", does: "shows", keys: ["V"], says: "Measure a wave, and mark it" },
  { group: "Evidence", action: "spectrum", does: "shows", keys: ["Shift+P"], says: "Spectrum of the measured stretch" },
  {
    group: "Evidence", action: "evidence", does: "shows", keys: ["X"], says: "Next marked event",
    how: "shows its wave; Del removes it",
  },
  {
    group: HELP_FROM_OTHERS, action: "assist:lock", does: "fixes", keys: ["Space"],
    says: "Lock my answer and show the suggestion", how: "in reveal mode",
  },
  {
    group: HELP_FROM_OTHERS, action: "assist:take", keys: ["Shift+Enter"], says: "Accept the suggestion",
    how: "stage, rules and rationale",
  },
  { group: HELP_FROM_OTHERS, action: "assist:words", keys: ["Shift+E"], says: "Copy only the rationale" },
  { group: HELP_FROM_OTHERS, action: "assist:candidates", does: "shows", keys: ["D"], says: "Detected waves or none" },
  {
    group: HELP_FROM_OTHERS, action: "assist:candidate", does: "shows", keys: ["Shift+D"], says: "Next detected wave",
    how: "Enter marks it as evidence",
  },
  { group: "Move", action: "next", keys: ["ArrowRight", "Enter"], says: "Next epoch", repeats: true },
  { group: "Move", action: "previous", keys: ["ArrowLeft"], says: "Previous epoch", repeats: true },
  { group: "Move", action: "unscored", keys: ["N"], says: "Next unscored epoch" },
  { group: "Move", action: "transition", keys: ["T"], says: "Next transition" },
  { group: "Move", action: "finding", keys: ["I"], says: "Next epoch to check", how: "findings of the rule checks" },
  { group: "Move", action: "goto", keys: ["G"], says: "Go to an epoch or a time" },
  { group: "Move", action: "first", keys: ["Home"], says: "First epoch" },
  { group: "Move", action: "last", keys: ["End"], says: "Last epoch" },
  { group: "Display", action: "gain:up", keys: ["ArrowUp"], says: "Larger amplitude", repeats: true },
  { group: "Display", action: "gain:down", keys: ["ArrowDown"], says: "Smaller amplitude", repeats: true },
  { group: "Display", action: "page:shorter", keys: ["+", "="], says: "Shorter page", how: "or Ctrl and the wheel" },
  { group: "Display", action: "page:longer", keys: ["-"], says: "Longer page" },
  { group: "Display", action: "polarity", keys: ["P"], says: "Negative or positive up" },
  { group: "Display", action: "model", keys: ["M"], says: "Model view on or off" },
  { group: "Display", action: "sides", keys: ["S"], says: "Show or hide neighbours" },
  {
    group: "Display", action: "display", keys: ["B"], says: "Display",
    how: "channels, their order and size, filters, colours",
  },
  { group: "Display", action: "file-events", keys: ["Shift+V"], says: "Show or hide events of imported files" },
  { group: "Display", action: "filters", keys: ["Shift+B"], says: "Filters on or off" },
  { group: "Work", action: "undo", does: "changes", keys: ["Z", "Ctrl+Z"], says: "Undo" },
  { group: "Work", action: "redo", does: "changes", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  {
    group: "Work", action: "history", keys: ["H"], says: "History of the epoch", how: "who changed what, when and why",
  },
  { group: "Work", action: "open:comments", keys: ["Shift+C"], says: "Comments on the epoch" },
  { group: "Work", action: "open:guideline", keys: ["Shift+G"], says: "Guideline of the study" },
  { group: "Work", action: "open:all-rules", keys: ["Shift+L"], says: "List of all rules, with their wording" },
  { group: "Work", action: "conflict", keys: ["C"], says: "Choose a version after a conflict" },
  {
    group: "Work", action: "submit", does: "fixes", keys: ["Shift+S"], says: "Submit the scoring",
    how: "shows what is left first",
  },
  { group: "Work", action: "help", keys: ["?"], says: "Keys and help" },
  { group: "Work", action: "keys", keys: ["Shift+K"], says: "Change keys" },
  {
    group: "Recording", action: "lights:off", keys: ["O"],
    says: "Lights off at the start of this epoch; press again to remove",
  },
  {
    group: "Recording", action: "lights:on", keys: ["Shift+O"],
    says: "Lights on at the end of this epoch; press again to remove",
  },
  { group: "Recording", action: "lights", keys: [], says: "Times of lights off and on, and their history" },
];

/** Keys of a box, bar or dialog: the help lists them, and nobody remaps them. */
export const FIXED = [
  { group: "While writing", does: "shows", keys: ["Escape"], says: "Close the rationale field" },
  { group: "While writing", keys: ["Ctrl+Enter"], says: "Close the rationale field and go to the next epoch" },
  { group: "While writing", keys: ["Tab", "Shift+Tab"], says: "Next or previous gap (___) of a phrase" },
  { group: "While writing", does: "changes", keys: ["Ctrl+Space"], says: "Insert a phrase at the cursor" },
  { group: "While measuring", keys: ["ArrowLeft", "ArrowRight"], says: "Move by 0.1 s; with Ctrl by 1 s" },
  {
    group: "While measuring", keys: ["Shift+ArrowLeft", "Shift+ArrowRight"],
    says: "Narrow or widen by 0.1 s; with Ctrl by 1 s",
  },
  { group: "While measuring", keys: ["ArrowUp", "ArrowDown"], says: "Change derivation" },
  { group: "While measuring", does: "changes", keys: ["S", "K", "…"], says: "Mark the wave; letters are in the bar" },
  { group: "While measuring", keys: ["Escape"], says: "Stop measuring" },
  { group: "In a dialog", keys: ["Escape"], says: "Close the dialog" },
  { group: "In a dialog", keys: ["Tab", "Shift+Tab"], says: "Next or previous control" },
];

// Every command of the rating page with its key. What looks at the signal has the keys of the workbench; where judging
// uses a key of those, judging comes first.

const LEVELS = DIMENSIONS[0].levels.map((_, index) => index + 1);

const JUDGING = [
  ...LEVELS.map((level) => ({
    group: "Rate", action: `score:${level}`, keys: [String(level)], says: `Score ${level}`,
  })),
  {
    group: "Rate", action: "comment", does: "shows", keys: ["C"], says: "Comment",
    how: "Esc closes the field, Ctrl Enter opens the next rationale",
  },
  { group: "Rate", action: "cannot", keys: ["X"], says: "Cannot judge" },
  {
    group: "Rate", action: "lock", does: "fixes", keys: ["Space"], says: "Lock my answer",
    how: "own stage before the rationale is shown, calibration scores before the reference scores are shown",
  },
  { group: "Rate", action: "undo", keys: ["Z", "Ctrl+Z", "Backspace"], says: "Undo the last change of any rationale" },
  { group: "Rate", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Read", action: "phrase", keys: ["E"], says: "Highlight the next event of the rationale" },
  { group: "Read", action: "dark", keys: ["Escape"], says: "Remove the highlight" },
  { group: "Read", action: "wording", keys: ["L"], says: "Show or hide the wording of rules" },
  { group: "Move", action: "next", keys: ["Enter"], says: "Next rationale, after this rationale is rated" },
  { group: "Move", action: "back", keys: ["ArrowLeft"], says: "Previous rationale", repeats: true },
  { group: "Move", action: "forward", keys: ["ArrowRight"], says: "Next rationale", repeats: true },
  {
    group: "Display", action: "part:before", keys: ["Shift+ArrowLeft"],
    says: "Earlier part of the epoch, on a short page", repeats: true,
  },
  {
    group: "Display", action: "part:after", keys: ["Shift+ArrowRight"],
    says: "Later part of the epoch, on a short page", repeats: true,
  },
  { group: "Move", action: "help", does: "shows", keys: ["?"], says: "Keys and help" },
  { group: "Move", action: "keys", does: "shows", keys: ["Shift+K"], says: "Change keys" },
];

/** Commands of the workbench that hold here: what they are called here, there, and in words. */
const RATING_LOOKS = [
  { action: "view", like: "model", says: "Model view or signal" },
  { action: "gain:up", like: "gain:up", says: "Larger amplitude", repeats: true },
  { action: "gain:down", like: "gain:down", says: "Smaller amplitude", repeats: true },
  { action: "page:shorter", like: "page:shorter", says: "Shorter page" },
  { action: "page:longer", like: "page:longer", says: "Longer page" },
  { action: "polarity", like: "polarity", says: "Negative or positive up" },
  { action: "sides", like: "sides", says: "Show or hide neighbours" },
  { action: "display", like: "display", says: "Channels, their order and size, filters, colours" },
  { action: "filters", like: "filters", says: "Filters on or off" },
  { action: "measure", like: "measure", says: "Measure a wave, or drag over it" },
];

export function ratingBindings(workbench) {
  return [
    ...JUDGING,
    ...RATING_LOOKS.map(({ like, ...binding }) => ({ ...binding, group: "Display", keys: workbench.keysOf(like) })),
  ];
}

/** Rows of the help: the five scores in a single row. */
export function ratingHelp(map) {
  const rows = map.bindings.map((binding) => ({ ...binding, keys: map.keysOf(binding.action) }));
  const isScore = ({ action }) => action.startsWith("score:");
  const scores = {
    group: "Rate",
    keys: rows.filter(isScore).flatMap(({ keys }) => keys),
    says: "Score, then next dimension",
  };
  return [scores, ...rows.filter((row) => !isScore(row))];
}

// Every command of the adjudication page with its key: those of the workbench where the page has no other use for them.

// Sides with keys of their own; those of the others follow from their letters, see adjudication/keys.js.
const SIDES = ["A", "B", "C", "D", "E", "F"];

export const sideBinding = (group, side, keys) =>
  ({ group, action: `take:${side}`, keys, says: `Accept scoring ${side}` });

const STAGING = stageBindings.map((binding) => ({
  ...binding, group: "Decision", says: `Accept ${binding.says}, as a scoring has it`,
}));

const SETTLING = [
  ...SIDES.slice(0, 3).map((side) => sideBinding("Decision", side, [side])),
  { group: "Decision", action: "write", does: "shows", keys: ["E"], says: "Write own score" },
  { group: "Decision", action: "withdraw", keys: ["U", "Delete"], says: "Withdraw the decision on this epoch" },
  { group: "Decision", action: "cancel", does: "shows", keys: ["Escape"], says: "Cancel a choice without a reason" },
  { group: "Decision", action: "undo", keys: ["Z", "Ctrl+Z"], says: "Undo" },
  { group: "Decision", action: "redo", keys: ["Shift+Z", "Ctrl+Y", "Ctrl+Shift+Z"], says: "Redo" },
  { group: "Decision", action: "conflict", does: "shows", keys: ["X"], says: "Choose a version after a conflict" },
  { group: "Decision", action: "rule", does: "shows", keys: ["Shift+R"], says: "Settle by rule, after a preview" },
  { group: "Decision", action: "finish", does: "fixes", keys: ["Shift+S"], says: "Create consensus, after a summary" },
  { group: "Move", action: "open", keys: ["N", "Enter"], says: "Next unsettled epoch" },
  { group: "Move", action: "disputed:1", keys: ["D"], says: "Next disagreement" },
  { group: "Move", action: "disputed:-1", keys: ["Shift+D"], says: "Previous disagreement" },
  { group: "Move", action: "turn:1", keys: ["ArrowRight"], says: "Next epoch", repeats: true },
  { group: "Move", action: "turn:-1", keys: ["ArrowLeft"], says: "Previous epoch", repeats: true },
  { group: "Display", action: "comments", keys: ["Shift+C"], says: "Comments on the epoch" },
  { group: "Display", action: "help", keys: ["?"], says: "Keys and help" },
  { group: "Display", action: "keys", keys: ["Shift+K"], says: "Change keys" },
  // Sides beyond the third are rare: their letters are theirs where nothing above has them.
  ...SIDES.slice(3).map((side, place) => sideBinding("Further scorings", side, [side, String(place + 4)])),
];

const ADJUDICATION_LOOKS = [
  "gain:up", "gain:down", "page:shorter", "page:longer", "polarity", "model", "sides", "display", "filters", "measure",
].map((like) => BINDINGS.find(({ action }) => action === like));
// Where the page has another use for the key of the workbench.
const INSTEAD = { display: ["Y"] };

/** While a decision is written, commands of the workbench come first: what they are called here. */
export const WRITING = new Map([
  ...stageBindings.map(({ action }) => [action, action]),
  ...[0, 1, 2, 3].map((place) => [`quick:${place}`, `quick:${place}`]),
  ["explain", "words"],
]);

export function adjudicationBindings(workbench) {
  return [
    ...STAGING.map((binding) => ({ ...binding, keys: workbench.keysOf(binding.action) })),
    ...SETTLING,
    ...ADJUDICATION_LOOKS.map((binding) => ({
      ...binding, group: "Display", keys: [...workbench.keysOf(binding.action), ...(INSTEAD[binding.action] ?? [])],
    })),
  ];
}

// Which rules to offer for a stage, and the keys that cite them. The rules come from the server.

const STAGE_OF_KEY = STAGES.flatMap(({ id }, index) => keysOfStage(id, index).map((key) => [key, id]));
const CHORD_FAMILIES = { ...Object.fromEntries(STAGE_OF_KEY), M: "MBM" };

/** Rules by use: `first` speak for this stage alone, `others` for it among more, `rest` cannot support it. */
export function offer(rules, stage) {
  const fits = rules.filter((rule) => stage !== null && rule.supports.includes(stage));
  return {
    first: fits.filter((rule) => rule.supports.length === 1),
    others: fits.filter((rule) => rule.supports.length > 1),
    rest: rules.filter((rule) => !fits.includes(rule)),
  };
}

/** Cited rules without those a change to `stage` has made impossible; unscored keeps none. */
export function rulesAfterStage(rules, cited, stage) {
  if (stage === null) return [];
  return cited.filter((id) => rules.find((rule) => rule.id === id)?.supports.includes(stage) ?? true);
}

export function toggled(list, entry) {
  return list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];
}

/** A rule id from the keys typed after the full stop: "24" is N2.4, "R3" is R.3, "M1" is MBM.1. */
export function ruleFromChord(rules, keys) {
  const family = CHORD_FAMILIES[keys[0]?.toUpperCase()];
  return rules.find((rule) => rule.id === `${family}.${keys[1]}`) ?? null;
}

/** The two keys of a rule after the chord key. */
export function chordOf(ruleId) {
  const [family, number] = ruleId.split(".");
  const key = Object.keys(CHORD_FAMILIES).findLast((k) => CHORD_FAMILIES[k] === family);
  return key ? key + number : "";
}
