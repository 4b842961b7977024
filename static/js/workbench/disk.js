// The save queue on disk (IndexedDB), so that a closed tab or a crash loses nothing.
// Where the browser forbids it the queue lives in memory and the page says so.

const DATABASE = "epochwise";
const TABLE = "saves";

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE, { keyPath: "uuid" }).createIndex("scoring", "scoring");
  return promised(opening);
}

/** Every row there is, of whatever scoring and person. */
export async function allKept() {
  const database = await open();
  return promised(database.transaction(TABLE).objectStore(TABLE).getAll());
}

export async function forget(items) {
  const transaction = (await open()).transaction(TABLE, "readwrite");
  items.forEach(({ uuid }) => transaction.objectStore(TABLE).delete(uuid));
  return finished(transaction);
}

/**
 * Rows of one scoring on disk: `all()` oldest first, `write({put, remove})` in one transaction.
 * Each row says whose it is, `owner` {user, name, path}: where the scoring is out of reach it is told by that.
 */
export async function openDisk(scoringId, owner) {
  const database = await open();
  return {
    async all() {
      const rows = await promised(database.transaction(TABLE).objectStore(TABLE).index("scoring").getAll(scoringId));
      return rows.sort((a, b) => a.createdMs - b.createdMs);
    },
    write({ put, remove }) {
      const transaction = database.transaction(TABLE, "readwrite", { durability: "relaxed" });
      const table = transaction.objectStore(TABLE);
      remove.forEach((uuid) => table.delete(uuid));
      put.forEach((item) => table.put({ ...item, scoring: scoringId, owner }));
      // Without this the commit waits for our callbacks, which a tab being closed no longer runs.
      transaction.commit();
      return finished(transaction);
    },
  };
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
