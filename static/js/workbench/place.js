// Where in the night we are: from the address (?epoch=, counted from 0), else where this scoring was left.

export function placeOf(scoringId) {
  const key = `epochwise.place.${scoringId}`;
  return {
    keep(epoch) {
      try {
        localStorage.setItem(key, epoch);
      } catch {
        // The next visit then starts at the first epoch not scored.
      }
    },
    first(store) {
      const asked = new URLSearchParams(location.search).get("epoch");
      const left = asked ?? remembered(key);
      if (left !== null && Number.isInteger(Number(left))) return store.clamp(Number(left));
      return store.nextUnscored(-1) ?? 0;
    },
  };
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
