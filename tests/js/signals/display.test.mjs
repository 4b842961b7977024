import assert from "node:assert/strict";
import { test } from "node:test";
import { changedRow, movedRow, rowsOf } from "../../../static/js/signals/channels.js";
import { soundSettings } from "../../../static/js/signals/display.js";

const night = { derivations: ["F4-M1", "C4-M1"], extras: ["ECG"] };
const names = (rows) => rows.map(({ name }) => name);

test("derivations are shown and other channels are not until asked for", () => {
  const rows = rowsOf({ ...night, rows: [] });
  assert.deepEqual(rows.map(({ name, hidden }) => [name, hidden]), [["F4-M1", false], ["C4-M1", false], ["ECG", true]]);
});

test("a row is moved and changed, and what another night has is kept", () => {
  const saved = [{ name: "Airflow", hidden: false, inverted: false, gain: 1 }];
  const moved = movedRow(saved, rowsOf({ ...night, rows: saved }), "ECG", -2);
  assert.deepEqual(names(moved), ["ECG", "F4-M1", "C4-M1", "Airflow"]);
  const changed = changedRow(moved, rowsOf({ ...night, rows: moved }), "C4-M1", { gain: 2 });
  assert.equal(rowsOf({ ...night, rows: changed })[2].gain, 2);
  assert.deepEqual(names(changed), names(moved));
});

test("a row at the end stays there", () => {
  const all = rowsOf({ ...night, rows: [] });
  assert.deepEqual(names(movedRow([], all, "F4-M1", -1)), names(all));
});

test("settings of another form fall back to the defaults", () => {
  const sound = soundSettings({ pageS: "x", rows: [{ name: 3 }, { name: "ECG", gain: 2 }], filters: false, odd: 1 });
  assert.deepEqual([sound.pageS, sound.filters, sound.rows.length, "odd" in sound], [30, false, 1, false]);
});
