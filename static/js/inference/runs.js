// Keeps the list of a study's runs up to date while some of them are at work.

const EVERY_MS = 4000;
const HIDDEN_MS = 20000;

function show(root, state) {
  const { progress } = state;
  const bar = root.querySelector("progress");
  bar.max = progress.total;
  bar.value = progress.done;
  root.querySelector("[data-done]").textContent = progress.done;
  root.querySelector("[data-rate]").textContent = progress.rate;
  root.querySelector("[data-left]").textContent =
    progress.left && `${progress.rate && " · "}${progress.left} left`;
  for (const run of state.runs) {
    const done = document.querySelector(`[data-done-of="${run.id}"]`);
    if (done) done.textContent = run.done;
  }
}

/** A run of this page that began or ended, or any new one: the server words that, so the page is loaded again. */
function hasChanged(root, runs) {
  const now = new Map(runs.map((run) => [`${run.id}`, run.state]));
  const shown = [...document.querySelectorAll("[data-state-of]")];
  const differs = ({ dataset }) => now.get(dataset.stateOf) !== dataset.state;
  return runs.length !== Number(root.dataset.count) || shown.some(differs);
}

async function poll(root) {
  try {
    const answer = await fetch(root.dataset.studyRuns, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 404) return;
    if (answer.ok) {
      const state = await answer.json();
      const writes = document.activeElement?.closest("form");
      if (hasChanged(root, state.runs) && !writes) return location.reload();
      show(root, state);
    }
  } catch {
    // The site is away for a moment: the next poll finds it.
  }
  setTimeout(() => poll(root), document.hidden ? HIDDEN_MS : EVERY_MS);
}

document.querySelectorAll("[data-study-runs]").forEach((root) => {
  setTimeout(() => poll(root), EVERY_MS);
});
