import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { forgetComments, kept, Outbox, placeOf, waitingComments } from "../../../static/js/saving/storage.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** The browser's storage, without the browser. */
function memoryPlace() {
  let text = null;
  return { read: () => text, write: (next) => (text = next) };
}

/** A server that knows each comment by its id. */
function server() {
  const site = { stored: new Map(), status: null, loseReplies: false };
  site.send = async (comment) => {
    if (site.status !== null) throw Object.assign(new Error("no"), { status: site.status });
    site.stored.set(comment.client_uuid, comment);
    if (site.loseReplies) throw Object.assign(new Error("lost"), { status: 0 });
    return comment;
  };
  return site;
}

const words = (n) => ({ client_uuid: `id-${n}`, epoch: n, text: `words ${n}` });

async function pass(ms) {
  mock.timers.tick(ms);
  for (let turn = 0; turn < 100; turn++) await null;
}

test("comments written without a network go by themselves once the server answers, in order and once", async () => {
  const site = server();
  const outbox = new Outbox({ place: memoryPlace(), send: site.send });
  site.status = 0;
  for (const n of [1, 2, 3]) outbox.put(words(n));
  await pass(10_000);
  assert.deepEqual([outbox.waiting.length, site.stored.size], [3, 0]);
  site.status = null;
  site.loseReplies = true;
  await pass(30_000);
  site.loseReplies = false;
  await pass(30_000);
  assert.deepEqual([outbox.waiting, [...site.stored.keys()]], [[], ["id-1", "id-2", "id-3"]]);
});

test("a closed tab leaves its comments to the next, and two tabs keep each other's", async () => {
  const [site, place] = [server(), memoryPlace()];
  site.status = 0;
  const [first, second] = [1, 2].map(() => new Outbox({ place, send: site.send }));
  first.put(words(1));
  second.put(words(2));
  await pass(0);
  site.status = null;
  const next = new Outbox({ place, send: site.send });
  assert.deepEqual(next.waiting.map(({ epoch }) => epoch).sort(), [1, 2]);
  next.wake();
  await pass(0);
  assert.deepEqual([place.read(), site.stored.size], [null, 2]);
});

test("a comment that is refused goes back to its person, and those behind it go on", async () => {
  const site = server();
  const outbox = new Outbox({ place: memoryPlace(), send: site.send });
  const refused = [];
  outbox.addEventListener("refused", ({ detail }) => refused.push(detail.comment.text));
  site.status = 413;
  outbox.put(words(1));
  await pass(0);
  site.status = null;
  outbox.put(words(2));
  await pass(0);
  assert.deepEqual([refused, [...site.stored.keys()]], [["words 1"], ["id-2"]]);
});

test("what is no list of comments is left alone", () => {
  for (const text of ["{", "{}", "7", '[{"text": 3}]', null]) {
    const place = { ...memoryPlace(), read: () => text };
    assert.deepEqual(new Outbox({ place, send: async () => null }).waiting, []);
  }
});

test("comments that wait are found under their person, of every night, and let go one by one", () => {
  globalThis.localStorage = Object.create({
    getItem(key) { return this[key] ?? null; },
    setItem(key, text) { this[key] = text; },
    removeItem(key) { delete this[key]; },
  });
  const put = (user, scoring, n) =>
    kept(placeOf(user, scoring)).write(
      JSON.stringify([{ ...words(n), night: `Night ${n}`, made_ms: n }, words(n + 1)]),
    );
  put(7, 12, 1);
  put(7, 13, 3);
  put(71, 14, 5); // somebody else, whose number begins alike
  const found = waitingComments("7");
  assert.deepEqual(found.map(({ uuid, owner }) => [uuid, owner.name, owner.path]), [
    ["id-1", "Night 1", "/scorings/12/score/"], ["id-2", "A night", "/scorings/12/score/"],
    ["id-3", "Night 3", "/scorings/13/score/"], ["id-4", "A night", "/scorings/13/score/"],
  ]);
  forgetComments([found[0], found[2], found[3]]);
  assert.deepEqual(waitingComments("7").map(({ uuid }) => uuid), ["id-2"]);
  assert.equal(waitingComments("71").length, 2);
});
