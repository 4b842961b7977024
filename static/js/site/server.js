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
  const fields = Object.entries(body?.fields ?? {}).map(
    ([name, messages]) => `${name}: ${[messages].flat().join(" ")}`,
  );
  return [body?.detail, ...fields].filter(Boolean).join(" ");
}

// Read at every write: signing in again in another tab changes the token.
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

async function request(url, options = {}) {
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
  if (response.status === 204) return null;
  return response.json().catch(() => {
    throw new ApiError(0);
  });
}

export async function bytes(url) {
  const response = await request(url);
  return response.arrayBuffer();
}

export function preferencesApi(root) {
  return {
    preferences: (name) => json(`${root}/me/${name}/`),
    keepPreferences: (name, body) => json(`${root}/me/${name}/`, "PUT", body),
  };
}

/** Send a form of files and show its progress: gives the JSON answer, or an Error with words for a person. */
export function send(url, body, onProgress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", url);
    sending.responseType = "json";
    sending.setRequestHeader("Accept", "application/json");
    sending.setRequestHeader("X-CSRFToken", csrfToken());
    sending.upload.addEventListener("progress", onProgress);
    sending.addEventListener("load", () => {
      if (sending.status === 201) resolve(sending.response);
      else reject(new Error(whyNotSent(sending)));
    });
    sending.addEventListener("error", () =>
      reject(new Error("The connection was interrupted. Nothing was stored. Drop the file again.")),
    );
    sending.send(body);
  });
}

function whyNotSent({ status, response }) {
  if (status === 401) return "You are signed out. Sign in, then drop the file again.";
  return explained(response) || `The server answered ${status}. Nothing was stored. Try again.`;
}
