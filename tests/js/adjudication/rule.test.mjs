import assert from "node:assert/strict";
import { test } from "node:test";
import { RuleDialog } from "../../../static/js/adjudication/rule.js";

/** As much of an element as the dialog uses. */
class Part extends EventTarget {
  dataset = {};
  open = false;
  append() {}
  replaceChildren() {}
  setAttribute() {}
  showModal() {
    this.open = true;
  }
  close() {
    this.open = false;
  }
}

const NAMES = [
  "ruleDialog", "ruleForm", "ruleApply", "ruleResult", "ruleVotes", "rulePercent", "ruleLeast", "ruleModels",
  "ruleTransitions", "ruleFlagged", "rulePreview", "ruleApplied", "ruleList", "ruleError",
];
const PREVIEW = { preview: "token", settles: [], stays: [], settled: 3, left: 0 };
const settle = () => new Promise(setImmediate);

/** A dialog with a previewed rule; `answer(method)` gives the status of the server. */
async function previewed(t, { answer = () => 200, reload }) {
  Object.assign(globalThis.document, { cookie: "csrftoken=x", createElement: () => new Part() });
  t.mock.method(globalThis, "fetch", async (_, { method = "GET" }) =>
    new Response(JSON.stringify(PREVIEW), { status: answer(method) }));
  const parts = Object.fromEntries(NAMES.map((name) => [name, new Part()]));
  const held = [];
  const dialog = new RuleDialog({
    parts, here: "/a", store: { sides: ["A", "B"], settlements: [] }, whyNot: () => null,
    hold: (why) => held.push(why), reload,
  });
  const settled = [];
  dialog.addEventListener("settled", () => settled.push(parts.ruleDialog.open));
  dialog.open();
  parts.ruleForm.dispatchEvent(new Event("submit"));
  await settle();
  return { parts, held, settled };
}

test("the dialog stays and nothing is decided until what a rule settled is here", async (t) => {
  let loaded;
  const loading = new Promise((resolve) => (loaded = resolve));
  const { parts, held, settled } = await previewed(t, { reload: () => loading });
  parts.ruleApply.dispatchEvent(new Event("click"));
  await settle();
  assert.equal(parts.ruleDialog.open, true);
  assert.match(parts.ruleError.textContent, /loading/);
  assert.match(held.at(-1), /Nothing was decided/);
  assert.deepEqual(settled, []);
  loaded();
  await settle();
  assert.deepEqual([held.at(-1), settled], [null, [false]]);
});

test("where what a rule settled cannot be loaded, nothing is decided until the page is loaded again", async (t) => {
  const reload = () => Promise.reject(Object.assign(new Error("The server answered 503."), { status: 503 }));
  const { parts, held, settled } = await previewed(t, { reload });
  parts.ruleApply.dispatchEvent(new Event("click"));
  await settle();
  assert.equal(parts.ruleDialog.open, true);
  assert.match(parts.ruleError.textContent, /Reload the page/);
  assert.match(held.at(-1), /Reload the page/);
  assert.deepEqual(settled, []);
});

test("a refused rule stops nothing", async (t) => {
  const answer = (method) => (method === "POST" ? 409 : 200);
  const { parts, held, settled } = await previewed(t, { answer, reload: () => assert.fail("nothing changed") });
  parts.ruleApply.dispatchEvent(new Event("click"));
  await settle();
  assert.deepEqual([held.at(-1), settled, parts.ruleDialog.open], [null, [], true]);
});
