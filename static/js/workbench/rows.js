// Which channels are on the page, in which order, and what is changed about each: pure functions on a list.
// A row is {name, hidden, inverted, gain}. The list belongs to the person and serves every night: names that a
// night does not have are kept and passed over, derivations that the list does not have come after it.

export const ROW_GAINS = [0.1, 0.2, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 5, 10];

export function rowsOf({ derivations, extras, rows }) {
  const known = rows.filter(({ name }) => derivations.includes(name) || extras.includes(name));
  const named = new Set(known.map(({ name }) => name));
  const row = (name, hidden) => ({ name, hidden, inverted: false, gain: 1 });
  return [
    ...known,
    ...derivations.filter((name) => !named.has(name)).map((name) => row(name, false)),
    ...extras.filter((name) => !named.has(name)).map((name) => row(name, true)),
  ];
}

/** `rows` as saved after `name` was changed by `patch`; `all` is what rowsOf() gave. */
export function changedRow(rows, all, name, patch) {
  return merged(rows, all.map((row) => (row.name === name ? { ...row, ...patch } : row)));
}

/** The row moved by `by` places among those of this night. */
export function movedRow(rows, all, name, by) {
  const order = [...all];
  const from = order.findIndex((row) => row.name === name);
  const to = Math.min(order.length - 1, Math.max(0, from + by));
  order.splice(to, 0, ...order.splice(from, 1));
  return merged(rows, order);
}

function merged(rows, all) {
  const here = new Set(all.map(({ name }) => name));
  return [...all, ...rows.filter(({ name }) => !here.has(name))];
}
