// What belongs to the person, kept on the server and so the same on every machine; this browser keeps a copy.

const PAUSE_MS = 800;

/** Writes the newest value a moment after the last change; a failure is only a setting not remembered elsewhere. */
export function preferenceKeeper({ api, name }) {
  let timer = null;
  return {
    load: () => api.preferences(name).catch(unanswered),
    keep(value) {
      clearTimeout(timer);
      timer = setTimeout(() => api.keepPreferences(name, value).catch(unanswered), PAUSE_MS);
    },
  };
}

function unanswered(error) {
  if (!("status" in error)) throw error;
  return null;
}
