// One entry of the browser's storage. Storage may be forbidden or full; the page then holds the only copy.

export function kept(key) {
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  return {
    read: () => attempt(() => localStorage.getItem(key)),
    write: (text) => attempt(() => (text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text))),
  };
}
