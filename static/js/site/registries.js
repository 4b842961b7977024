// The registries of the server: kinds of events, dimensions of ratings, stages and flags. JavaScript holds no list of
// its own, so an entry on the server is enough for all pages. Every page of a signed-in person carries them as a data
// block; annotations/templatetags/registries.py writes it.

const registries = JSON.parse(document.getElementById("registries").textContent);

/** Kinds of events as lists show them: {id, former_ids, label, heading, letter, names, measures, derivations, ...}. */
export const KINDS = registries.kinds;

/** Dimensions of ratings in the order in which they are scored: {name, title, short, question, levels}. */
export const DIMENSIONS = registries.dimensions;

/** Stages: {id, label}, in the order of their codes. An epoch that is not scored has null, never a stage of its own. */
export const STAGES = registries.stages;

/** Ids of the stages, from the top of a hypnogram. */
export const HYPNOGRAM_ROWS = registries.hypnogram_rows;

/** Flags of an epoch: {id, label}. */
export const FLAGS = registries.flags;
