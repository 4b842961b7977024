// The view of traces before the page has a size.

import assert from "node:assert/strict";
import test from "node:test";

import { DEFAULTS } from "../../../static/js/signals/display.js";
import { NIGHT_S } from "../../../static/js/signals/scale.js";
import { TraceView } from "../../../static/js/signals/traces.js";

globalThis.Worker = class {};
globalThis.ResizeObserver = class {
  observe() {}
};

const canvas = () => ({ getContext: () => ({}), clientWidth: 0, clientHeight: 0, toggleAttribute() {} });
const source = () => Object.assign(new EventTarget(), { wanted: [], want(epoch) { this.wanted.push(epoch); } });

for (const pageS of [5, 10, 30, 60, 300, NIGHT_S])
  test(`an epoch may be shown before the first layout, on a page of ${pageS} s`, () => {
    const signals = source();
    const night = { envelope: source(), mark: { parentElement: new EventTarget() }, strip: {}, onGo() {} };
    const settings = { ...DEFAULTS, pageS };
    const view = new TraceView({ layers: [canvas(), canvas(), canvas()], signals, epochCount: 9, settings, night });
    view.show(3, 0);
    view.show(4, 1);
    assert.equal(view.page, null);
  });
