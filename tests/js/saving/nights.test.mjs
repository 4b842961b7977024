import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { inOrder, KeptNight, keptWords } from "../../../static/js/saving/nights.js";
import { finished, keptNights, keptUntil, megabytes } from "../../../static/js/saving/storage.js";

const ranges = [0, 8, 16, 24].map((first) => ({ first, count: 8 }));
const owner = { user: "7", recording: "3", version: "1" };

/** The database of the browser, without the browser; `rows` outlive a page. */
function database(rows) {
  const answer = (work) => {
    const request = {};
    queueMicrotask(() => {
      request.result = work();
      request.onsuccess?.();
    });
    return request;
  };
  const transaction = {};
  const table = {
    transaction,
    getAllKeys: () => answer(() => [...rows.keys()]), get: (key) => answer(() => rows.get(key)),
    put: (value, key) => rows.set(key, value), delete: (key) => rows.delete(key),
  };
  transaction.objectStore = () => {
    queueMicrotask(() => queueMicrotask(() => transaction.oncomplete?.()));
    return table;
  };
  return { transaction: () => transaction, close: () => null };
}

const never = async () => {
  throw Object.assign(new Error("no network"), { status: 0 });
};
const server = async (first) => new ArrayBuffer(first + 1);
const opened = (rows, fetch, whose = owner) =>
  new KeptNight({ database: database(rows), owner: whose, blocks: { ranges, bytes: 4_000 }, fetch }).restore();

beforeEach(() => {
  const texts = new Map();
  globalThis.localStorage = {
    getItem: (key) => texts.get(key) ?? null, setItem: (key, text) => texts.set(key, text),
    removeItem: (key) => texts.delete(key),
  };
});

test("what lies ahead is kept first, and what is here already is not fetched again", () => {
  const order = inOrder(ranges, 17, (first) => first === 24).map(({ first }) => first);
  assert.deepEqual(order, [16, 0, 8]);
});

test("a night is kept whole, said to be so, read without a server, and found again", async () => {
  const rows = new Map();
  const night = await opened(rows, server);
  assert.equal(night.state.name, "none");
  assert.equal(await night.start(17), null);
  assert.deepEqual([night.state.name, night.isWhole, keptNights("7"), keptNights("8")], ["kept", true, ["3"], []]);
  const again = await opened(rows, never);
  assert.equal(again.state.name, "kept");
  assert.equal((await again.read(16)).byteLength, 17);
  assert.equal(await again.read(99), null);
});

test("nobody gets what another person kept, nor signals of another version", async () => {
  const rows = new Map();
  await (await opened(rows, server)).start(0);
  const corrected = await opened(rows, never, { ...owner, version: "2" });
  assert.deepEqual([corrected.state.name, rows.size], ["none", 0]);
  await (await opened(rows, server)).start(0);
  const other = await opened(rows, never, { ...owner, user: "8" });
  assert.deepEqual([other.has(0), await other.read(0), rows.size], [false, null, 0]);
});

test("other nights of the same person stay, and a night is removed alone", async () => {
  const rows = new Map();
  const [one, two] = [await opened(rows, server), await opened(rows, server, { ...owner, recording: "4" })];
  await one.start(0);
  await two.start(0);
  await one.remove();
  assert.deepEqual([rows.size, keptNights("7"), one.state.name, two.has(0)], [4, ["4"], "none", true]);
});

test("two tabs of a night ask the server for each block once", async (t) => {
  const held = new Map();
  const request = (name, work) => {
    const turn = (held.get(name) ?? Promise.resolve()).then(work);
    held.set(name, turn.catch(() => null));
    return turn;
  };
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { locks: { request } }, configurable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, "navigator", before) : delete globalThis.navigator));
  const [rows, asked] = [new Map(), []];
  const counted = (first) => {
    asked.push(first);
    return server(first);
  };
  const tabs = [await opened(rows, counted), await opened(rows, counted)];
  await Promise.all(tabs.map((tab) => tab.start(0)));
  assert.deepEqual([asked, tabs.map((tab) => tab.state.name)], [[0, 8, 16, 24], ["kept", "kept"]]);
});

test("without a server keeping waits, and a refusal ends it", async () => {
  const night = await opened(new Map(), never);
  await night.start(0);
  assert.equal(night.state.name, "waiting");
  night.stop();
  for (const [status, name] of [[409, "refused"], [404, "refused"], [503, "waiting"]]) {
    const refused = await opened(new Map(), async () => {
      throw Object.assign(new Error("no"), { status });
    });
    await refused.start(0);
    assert.equal(refused.state.name, name);
    refused.stop();
  }
});

test("where nothing can be stored nothing is kept, and the person is told", async () => {
  globalThis.localStorage.setItem = () => {
    throw new Error("forbidden");
  };
  const night = await opened(new Map(), server);
  assert.match(await night.start(0), /does not allow/);
  assert.equal(night.state.name, "none");
});

test("the button says the room it takes and how far it is", () => {
  assert.deepEqual([megabytes(30_000_000), megabytes(10)], ["29 MB", "1 MB"]);
  const state = { done: 3, total: 4, size: "29 MB" };
  assert.equal(keptWords({ ...state, name: "none" }), "keep offline, 29 MB");
  assert.equal(keptWords({ ...state, name: "keeping" }), "keeping 75 %");
  assert.equal(keptWords({ ...state, name: "kept" }), "kept offline, 29 MB");
  assert.match(keptWords({ ...state, name: "waiting" }), /75 %, waiting/);
});

test("a connection that the browser has closed gives nothing, and the server is asked", async () => {
  const connection = database(new Map());
  const night = await new KeptNight({
    database: connection, owner, blocks: { ranges, bytes: 4_000 }, fetch: server,
  }).restore();
  await night.start(0);
  connection.transaction = () => {
    throw Object.assign(new Error("closing"), { name: "InvalidStateError" });
  };
  assert.equal(await night.read(0), null);
  connection.onclose();
  assert.deepEqual([night.has(0), night.state.name], [false, "none"]);
  await night.start(0);
  assert.equal(night.state.name, "none");
});

test("a transaction without room tells so by its abort: its error is not there before", async () => {
  const transaction = { error: null };
  const end = finished(transaction);
  transaction.onerror?.();
  transaction.error = Object.assign(new Error("full"), { name: "QuotaExceededError" });
  transaction.onabort();
  await assert.rejects(end, { name: "QuotaExceededError" });
});

test("whatever ends keeping, the button says how it stands", async () => {
  for (const [error, name] of [[{ name: "QuotaExceededError" }, "full"], [null, "none"], [new Error("else"), "none"]]) {
    const night = await opened(new Map(), () => Promise.reject(error));
    await night.start(0);
    assert.equal(night.state.name, name);
  }
});

test("a browser that does not say how much room it has keeps the night", async () => {
  navigator.storage = { estimate: () => Promise.reject(new TypeError("not here")) };
  const night = await opened(new Map(), server);
  assert.deepEqual([await night.start(0), night.state.name], [null, "kept"]);
  delete navigator.storage;
});

test("keeping that was stopped stays so, whatever becomes of the fetch on its way", async () => {
  for (const end of ["answers", "fails"]) {
    let settle;
    const night = await opened(new Map(), () => new Promise((resolve, reject) => {
      const fails = () => reject(Object.assign(new Error("no network"), { status: 0 }));
      settle = { answers: () => resolve(new ArrayBuffer(1)), fails };
    }));
    const run = night.start(0);
    while (!settle) await new Promise(setImmediate);
    night.stop();
    settle[end]();
    await run;
    assert.deepEqual([night.state.name, night.state.done], ["stopped", 0], end);
  }
});

test("a night removed in one tab leaves nothing, and the other tab neither goes on nor shows it as kept", async () => {
  const rows = new Map();
  let settle = null;
  const slow = (first) => (first < 16 ? server(first) : new Promise((resolve) => (settle = resolve)));
  const [one, two] = [await opened(rows, slow), await opened(rows, server)];
  const run = one.start(0);
  while (!settle) await new Promise(setImmediate);
  await two.remove();
  assert.deepEqual([rows.size, keptNights("7"), localStorage.getItem("epochwise.nights")], [0, [], null]);
  settle(new ArrayBuffer(1));
  await run;
  assert.deepEqual([rows.size, one.state.name, one.has(0)], [0, "none", false]);
  await two.start(0);
  localStorage.removeItem("epochwise.nights");
  two.look();
  assert.equal(two.state.name, "none");
});

test("a night has its own three days, which neither going on nor another night renews", async () => {
  const [one, two] = [await opened(new Map(), server), await opened(new Map(), server, { ...owner, recording: "4" })];
  await one.start(0);
  const { untilMs, ...mark } = JSON.parse(localStorage.getItem("epochwise.nights"));
  const early = { ...untilMs, 3: untilMs["3"] - 1_000 };
  localStorage.setItem("epochwise.nights", JSON.stringify({ ...mark, untilMs: early }));
  await two.start(0);
  await one.start(0);
  assert.equal(keptUntil("7")["3"], early["3"]);
  assert.deepEqual(keptNights("7"), ["3", "4"]);
});
