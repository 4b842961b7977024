// One entry of the browser's storage. Storage may be forbidden or full; the page then holds the only copy.

function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** The names of all entries that begin so. */
export function keysUnder(prefix) {
  return attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? [];
}

export function kept(key) {
  return {
    read: () => attempt(() => localStorage.getItem(key)),
    write: (text) => attempt(() => (text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text))),
  };
}
