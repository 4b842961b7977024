import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Uploads, canHelp, whyNotSent } from "../../../static/js/intake/uploads.js";

let made;

class FakeUpload {
  constructor(file, options) {
    Object.assign(this, { file, options, url: options.uploadUrl ?? `/uploads/${file.name}`, isRunning: false });
    made.push(this);
  }

  start() {
    this.isRunning = true;
  }

  abort() {
    this.isRunning = false;
  }
}

beforeEach(() => {
  made = [];
  globalThis.window = { tus: { Upload: FakeUpload } };
});

const given = (...names) => names.map((name) => ({ path: name, file: { name, size: 100 } }));
const uploadsOf = (options = {}) =>
  new Uploads({ api: { uploads: "/uploads/" }, limitBytes: 1000, onChange: () => {}, ...options });
const names = () => made.map(({ file }) => file.name);

test("three files are sent at a time, and the next when one is done", () => {
  const uploads = uploadsOf();
  uploads.add(given("a", "b", "c", "d"));
  assert.deepEqual(names(), ["a", "b", "c"]);
  made[0].options.onSuccess();
  assert.deepEqual(names(), ["a", "b", "c", "d"]);
  assert.equal(uploads.state.left, 3);
  assert.equal(uploads.state.sent, 100);
  assert.equal(uploads.state.total, 400);
});

test("an interrupted upload of the same name and size is continued, and another begins anew", () => {
  const uploads = uploadsOf();
  const before = { name: "a", size_bytes: 100, upload_url: "/uploads/7", received_bytes: 40 };
  uploads.add(given("a", "b"), [before, { ...before, name: "b", size_bytes: 99 }]);
  assert.deepEqual(made.map(({ options }) => options.uploadUrl), ["/uploads/7", null]);
  assert.equal(uploads.state.sent, 40);
});

test("a pause keeps the order and what was sent; nothing starts until it ends", () => {
  const uploads = uploadsOf();
  uploads.add(given("a", "b"));
  made[0].options.onProgress(60);
  uploads.pause();
  assert.ok(made.every(({ isRunning }) => !isRunning));
  uploads.add(given("c"));
  assert.equal(made.length, 2);
  uploads.resume();
  assert.deepEqual(names().slice(2), ["a", "b", "c"]);
  assert.equal(made[2].options.uploadUrl, "/uploads/a");
  assert.equal(uploads.state.sent, 60);
});

test("what failed is told and can be tried again from where it stopped", () => {
  const uploads = uploadsOf();
  uploads.add(given("a"));
  made[0].options.onError({ message: "lost" });
  assert.equal(uploads.state.left, 0);
  assert.match(uploads.state.errors[0].words, /connection was interrupted/);
  assert.ok(uploads.has({ name: "a", size_bytes: 100 }));
  uploads.retry();
  assert.equal(made[1].options.uploadUrl, "/uploads/a");
  assert.deepEqual(uploads.state.errors, []);
});

test("empty files and files over the limit are refused, hidden ones passed over", () => {
  const uploads = uploadsOf({ limitBytes: 2 ** 20 });
  uploads.add([
    { path: "empty.edf", file: { name: "empty.edf", size: 0 } },
    { path: "big.edf", file: { name: "big.edf", size: 2 ** 20 + 1 } },
    ...given("night/.DS_Store", "__MACOSX/S1.edf"),
  ]);
  assert.deepEqual(uploads.state.errors.map(({ words }) => words), [
    "The file is empty.", "The file is larger than 1 MiB, the limit here.",
  ]);
  assert.equal(uploads.state.canRetry, false);
  assert.deepEqual(made, []);
});

test("a file of this page is not interrupted, also when it is sent and the server is asked late", () => {
  const uploads = uploadsOf();
  uploads.add(given("a"));
  made[0].options.onSuccess();
  assert.ok(uploads.has({ name: "a", size_bytes: 100 }));
  assert.ok(!uploads.has({ name: "a", size_bytes: 99 }));
});

const answer = (status, body) => ({ originalResponse: { getStatus: () => status, getBody: () => body } });

test("the sentence of the server is shown, or what to do", () => {
  assert.equal(whyNotSent(answer(507, '{"detail": "The disk is full."}')), "The disk is full.");
  assert.match(whyNotSent(answer(401, "")), /signed out/);
  assert.equal(whyNotSent(answer(502, "<html>")), "The server answered 502. Files on the server are safe. Try again.");
});

test("what the server refuses for good is not sent again", () => {
  const tries = (status, body = "") => canHelp(answer(status, body));
  assert.equal(canHelp({}), true); // the connection was lost
  assert.deepEqual([500, 502, 503, 423].map((status) => tries(status)), [true, true, true, true]);
  assert.deepEqual([400, 401, 403, 404, 413, 507].map((status) => tries(status)), Array(6).fill(false));
  assert.equal(tries(409, '{"code": "offset"}'), true);
  assert.equal(tries(409, '{"code": "name_taken"}'), false);
  assert.equal(tries(409, "<html>"), false);
});

test("a file that the queue has is no error, another one of its name is", () => {
  const uploads = uploadsOf();
  uploads.add(given("a", "b"));
  made[0].options.onError(answer(409, '{"code": "name_taken", "size_bytes": 100, "detail": "Taken."}'));
  made[1].options.onError(answer(409, '{"code": "name_taken", "size_bytes": 99, "detail": "Taken."}'));
  assert.deepEqual(uploads.state.present, ["a"]);
  assert.deepEqual(uploads.state.errors.map(({ path, words }) => [path, words]), [["b", "Taken."]]);
});

test("two files of one name in the same page are never taken for the same file", () => {
  const uploads = uploadsOf();
  const taken = answer(409, '{"code": "name_taken", "size_bytes": 100, "detail": "Taken."}');
  const file = (lastModified) => ({ path: "psg.edf", file: { name: "psg.edf", size: 100, lastModified } });
  uploads.add([file(1), file(2), file(1)]);
  made[0].options.onSuccess();
  made[1].options.onError(taken);
  made[2].options.onError(taken);
  assert.deepEqual(uploads.state.present, ["psg.edf"]);
  assert.deepEqual(uploads.state.errors.map(({ path }) => path), ["psg.edf"]);
});
