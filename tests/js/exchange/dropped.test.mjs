import assert from "node:assert/strict";
import { test } from "node:test";
import { whatIsSent } from "../../../static/js/exchange/dropped.js";
import { filesOfDrop } from "../../../static/js/site/dropped.js";

const fileEntry = (fullPath) => ({
  isFile: true, fullPath,
  file: (take) => take({ name: fullPath.split("/").at(-1), size: 10 }),
});

function folderEntry(fullPath, batches) {
  const left = [...batches, []];
  return { isFile: false, fullPath, createReader: () => ({ readEntries: (take) => take(left.shift()) }) };
}

test("a dropped folder is walked to its end, in batches", async () => {
  const fine = folderEntry("/ex/annotations/fine", [
    [fileEntry("/ex/annotations/fine/S1.csv")], [fileEntry("/ex/annotations/fine/S2.csv")],
  ]);
  const carried = {
    items: [{ webkitGetAsEntry: () => folderEntry("/ex", [[fine, fileEntry("/ex/README.txt")]]) }],
    files: [],
  };
  const found = await filesOfDrop(carried);
  assert.deepEqual(
    found.map(({ path }) => path),
    ["ex/annotations/fine/S1.csv", "ex/annotations/fine/S2.csv", "ex/README.txt"],
  );
});

test("files without entries keep their names", async () => {
  const carried = { items: [{ webkitGetAsEntry: () => null }], files: [{ name: "S1.csv", size: 1 }] };
  assert.deepEqual((await filesOfDrop(carried)).map(({ path }) => path), ["S1.csv"]);
});

const given = (...paths) => paths.map((path) => ({ path, file: { size: 10 } }));

test("tables and checksums are sent, and nothing that the server would not read", () => {
  const sent = whatIsSent(
    given("a/fine/S1.csv", "a/SHA256SUMS", "a/.hidden.csv", "a/spreadsheet/S1.csv", "__MACOSX/S1.csv", "b.pdf"), 1000,
  );
  assert.deepEqual(
    sent.map(({ path }) => path),
    ["a/fine/S1.csv", "a/SHA256SUMS"],
  );
});

test("nothing, too much and too many are told before anything is sent", () => {
  assert.throws(() => whatIsSent(given("letter.pdf"), 1000), /No csv or zip file/);
  assert.throws(() => whatIsSent(given("a.csv", "b.csv"), 15), /larger than/);
  assert.throws(() => whatIsSent(given(...Array.from({ length: 101 }, (_, n) => `${n}.csv`)), 1e9), /as a zip/);
});
