// The server's JSON and binary endpoints. Every failure becomes an ApiError with a status; 0 is "no answer".

class ApiError extends Error {
  constructor(status, body) {
    super(explained(body) || (status ? `The server answered ${status}.` : "The server did not answer."));
    this.status = status;
    this.body = body ?? {};
  }
}

/** The server's sentence, with what it says about single fields. */
function explained(body) {
  const fields = Object.entries(body?.fields ?? {}).map(([name, said]) => `${name}: ${[said].flat().join(" ")}`);
  return [body?.detail, ...fields].filter(Boolean).join(" ");
}

// Read at every write: signing in again in another tab changes the token.
function csrfToken() {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

export async function request(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    throw new ApiError(0);
  }
  if (response.redirected) throw new ApiError(401);
  if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => null));
  return response;
}

export async function json(url, method, body) {
  const headers = { Accept: "application/json" };
  if (method) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": csrfToken() });
  const response = await request(url, { method, headers, body: body && JSON.stringify(body) });
  return response.json().catch(() => {
    throw new ApiError(0);
  });
}

async function bytes(url) {
  const response = await request(url);
  return response.arrayBuffer();
}

export function preferencesApi(root) {
  return {
    preferences: (name) => json(`${root}/me/${name}/`),
    keepPreferences: (name, body) => json(`${root}/me/${name}/`, "PUT", body),
  };
}

export function createApi({ root, scoringId, recordingId }) {
  const scoring = `${root}/scorings/${scoringId}`;
  const recording = `${root}/recordings/${recordingId}`;
  return {
    spectrogramUrl: `${recording}/spectrogram.png`,
    scoring: () => json(`${scoring}/`),
    recording: () => json(`${recording}/`),
    layout: () => json(`${recording}/layout/`),
    rawLayout: () => json(`${recording}/layout/?view=raw`),
    envelope: (view) => bytes(`${recording}/envelope/${view === "raw" ? "?view=raw" : ""}`),
    ...preferencesApi(root),
    saveEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/`, "PUT", body),
    findings: () => json(`${scoring}/findings/`),
    lockEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/lock/`, "POST", body),
    suggestions: (first, count) => json(`${scoring}/suggestions/?first=${first}&count=${count}`),
    suggestedStages: () => json(`${scoring}/suggestions/stages/`),
    candidates: (first, count) => json(`${scoring}/candidates/?first=${first}&count=${count}`),
    claims: (first, count) => json(`${scoring}/claims/?first=${first}&count=${count}`),
    history: (epoch) => json(`${scoring}/epochs/${epoch}/history/`),
    lights: () => json(`${scoring}/lights/`),
    saveLights: (body) => json(`${scoring}/lights/`, "PUT", body),
    submit: (body) => json(`${scoring}/submit/`, "POST", body),
    epochs: (first, count) => bytes(`${recording}/epochs/${first}/?count=${count}`),
    rawEpochs: (first, count) => bytes(`${recording}/epochs/${first}/?count=${count}&view=raw`),
  };
}
