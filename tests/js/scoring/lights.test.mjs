import assert from "node:assert/strict";
import { test } from "node:test";
import { joinedState, SaveQueues } from "../../../static/js/saving/notices.js";
import { SaveQueue } from "../../../static/js/saving/queue.js";
import { Lights, sameMarks, timeMeant } from "../../../static/js/scoring/lights.js";
import { ScoringStore, Session } from "../../../static/js/scoring/scores.js";
import { nightClock } from "../../../static/js/signals/scale.js";

const UNSCORED = { stage: null, rules: [], rationale: "", flags: [], evidence: [] };

function lightsOf({ off_s = null, on_s = null, file = { off_s: 40, on_s: null } } = {}) {
  const sent = [];
  const send = async (_, body) => sent.push(body) && { version: body.version + 1, saved_at: new Date().toISOString() };
  const queue = new SaveQueue({ disk: null, isSame: sameMarks, send });
  return { lights: new Lights({ marks: { version: 3, off_s, on_s, file }, epoch0S: 10, queue }), queue, sent };
}

test("a scorer's own mark lies over that of the file, and taking it away brings the file's back", () => {
  const { lights } = lightsOf();
  assert.deepEqual(
    [lights.at("off"), lights.whose("off"), lights.at("on"), lights.whose("on")], [30, "file", null, ""],
  );
  lights.put(lights.toggled("off", 4), "edit");
  assert.deepEqual([lights.own.off_s, lights.at("off"), lights.whose("off")], [130, 120, "own"]);
  lights.put(lights.toggled("off", 4), "edit");
  assert.deepEqual([lights.own.off_s, lights.at("off")], [null, 30]);
});

test("lights on lies at the end of its epoch, and never before lights off", () => {
  const { lights } = lightsOf();
  assert.equal(lights.toggled("on", 4).on_s, 160);
  assert.equal(lights.problem(lights.toggled("on", 1)), null);
  assert.match(lights.problem(lights.toggled("on", 0)), /after lights off/);
});

test("marks are undone and done again in turn with stages, each as a save of its own", async () => {
  const { lights, sent } = lightsOf();
  const store = new ScoringStore({ epochCount: 10, unscored: UNSCORED });
  const queue = new SaveQueue({ disk: null, send: async () => ({ version: 1, saved_at: new Date().toISOString() }) });
  const session = new Session({ store, queue, lights, active: { takeMs: () => 0 }, shown: () => ({}) });
  const settled = () => new Promise((done) => setTimeout(done, 5));
  session.change(0, { stage: "W" }, "stage");
  session.changeLights(lights.toggled("on", 7));
  await settled();
  assert.equal(session.undo(), "lights");
  await settled();
  assert.equal(lights.own.on_s, null);
  assert.equal(session.undo(), 0);
  assert.equal(session.redo(), 0);
  assert.equal(session.redo(), "lights");
  await settled();
  assert.deepEqual(
    sent.map(({ version, on_s, why }) => [version, on_s, why]),
    [
      [3, 250, "edit"], [4, null, "undo"], [5, 250, "redo"],
    ],
  );
});

test("of two queues the graver state is shown, with all that waits", () => {
  const saved = { name: "saved", count: 0, savedAt: new Date(5), written: true, detail: null, isClosed: false };
  const waiting = { name: "waiting", count: 2, savedAt: null, written: false, detail: null, isClosed: true };
  assert.deepEqual(joinedState([saved, waiting]), { ...waiting, savedAt: new Date(5) });
  const { queue } = lightsOf();
  assert.equal(new SaveQueues([queue, queue]).state.name, "saved");
});

test("a typed time is a second of the night, also after midnight, and nothing else", () => {
  const clock = nightClock({ startClockS: 23 * 3600, epoch0S: 10 });
  assert.deepEqual(clock.secondsAt("23:00:40", 7200), [30]);
  assert.deepEqual(clock.secondsAt("0:30", 7200), [5390]);
  for (const text of ["22:00", "x", "", "3:00", "24:30", "0:61"]) assert.deepEqual(clock.secondsAt(text, 7200), []);
  assert.deepEqual([clock.timeAt(5390), clock.timeAt(-20)], ["00:30:00", "22:59:50"]);
  assert.equal(clock.epochAt("23:00:40", 240), 1);
});

test("on a night of more than a day the nearest to the mark is meant, or the typed day", () => {
  const nightS = 30 * 3600;
  const clock = nightClock({ startClockS: 20 * 3600, epoch0S: 0, nightS });
  const meant = (text, markS) => timeMeant(text, clock.secondsAt(text, nightS), markS);
  assert.equal(clock.markAt(100_000), "2 23:46:40");
  assert.equal(meant("23:46:41", 100_000).second, 100_001);
  assert.equal(meant("23:46:41", 13_000).second, 13_601);
  assert.equal(meant("2 23:46:41", 13_000).second, 100_001);
  assert.equal(meant("7:00", null).second, 39_600);
  assert.match(meant("23:46:41", null).problem, /on several days.*such as 2 23:46:41/);
  assert.match(meant("3 3:00", null).problem, /not a time/);
});
