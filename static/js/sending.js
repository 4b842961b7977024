// Sending a form of files with its progress; refusals in words that a person can read.

export function csrfToken(form) {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? form.elements.csrfmiddlewaretoken?.value ?? "";
}

/** Send one form; resolve with the JSON answer, reject with an Error that a person can read. */
export function send(url, body, token, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", onProgress);
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(request.response);
      else reject(new Error(explained(request)));
    });
    request.addEventListener("error", () =>
      reject(new Error("The connection broke. Nothing was kept; drop the file again.")),
    );
    request.send(body);
  });
}

function explained({ status, response }) {
  if (status === 401) return "You are signed out. Sign in, then drop the file again.";
  const fields = Object.entries(response?.fields ?? {}).map(([name, said]) => `${name}: ${[said].flat().join(" ")}`);
  const said = [response?.detail, ...fields].filter(Boolean).join(" ");
  return said || `The server answered ${status}. Nothing was kept.`;
}
