// Keeps a run's page up to date while the run is live; a page left open costs a small request
// every two seconds, fewer when nothing moves or the tab is hidden.

const QUICK_MS = 2000;
const SLOW_MS = 10000;

function show(root, run) {
  const bar = root.querySelector("progress");
  bar.max = run.total;
  bar.value = run.done;
  root.querySelector("[data-done]").textContent = run.done;
  root.querySelector("[data-rate]").textContent = run.rate;
  root.querySelector("[data-left]").textContent = run.left && `${run.rate && " · "}${run.left} left`;
  const message = root.querySelector("[data-message]");
  message.hidden = !run.message;
  message.classList.toggle("notice--warning", run.workers === 0);
  if (message.textContent !== run.message) message.textContent = run.message;
  tell("[data-failed]", run.failed);
  tell("[data-workers]", run.workers);
  tell("[data-heartbeat]", run.heartbeat);
}

function tell(selector, text) {
  const place = document.querySelector(selector);
  if (place) place.textContent = text;
}

async function poll(root, seen) {
  let wait = SLOW_MS;
  try {
    const answer = await fetch(root.dataset.run, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 404) return;
    if (answer.ok) {
      const run = await answer.json();
      // The server words everything but the count, so a change of state is a new page.
      if (run.state !== root.dataset.state) return location.reload();
      show(root, run);
      if (run.done !== seen) wait = QUICK_MS;
      seen = run.done;
    }
  } catch {
    // The site is away for a moment: the next poll finds it.
  }
  setTimeout(() => poll(root, seen), document.hidden ? SLOW_MS : wait);
}

document.querySelectorAll("[data-run]").forEach((root) => {
  setTimeout(() => poll(root, -1), QUICK_MS);
});
