// The five stages. Unscored is null everywhere, never a stage of its own.

/** Rows of the hypnogram from the top: R lies beside W, as on paper. */
export const HYPNOGRAM_ROWS = ["W", "R", "N1", "N2", "N3"];

export function stageName(stage) {
  return stage ?? "not scored";
}
