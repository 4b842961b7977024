// Changes of the epoch on the page and of the lights marks. Where nothing may be changed each of them says so.

import { goesOn } from "./advance.js";
import { copied } from "./phrases.js";
import { ruleFromChord, rulesAfterStage, toggled } from "./rules.js";
import { stageName } from "./stages.js";

export class Editing {
  #bench;

  constructor({ bench }) {
    this.#bench = bench;
  }

  /** Returns whether the scoring is open to changes. */
  change(patch, field) {
    const { session, store } = this.#bench;
    const may = this.#mayChange();
    if (may) session.change(store.current, patch, field);
    return may;
  }

  setStage(stage) {
    this.change({ stage, rules: rulesAfterStage(this.#bench.rules, this.#score.rules, stage) }, "stage");
  }

  /** A stage key: it may go on to the next epoch, or lock the answer where the mode asks for that first. */
  stage(stage, press) {
    const { editable, settings, track, assistance, store } = this.#bench;
    this.setStage(stage);
    if (!editable || !goesOn(settings, track, press)) return;
    if (!assistance?.lockFirst()) this.#bench.go(store.current + 1);
  }

  /** Citing a rule that speaks for one stage alone also stages an epoch that has none. */
  cite(rule) {
    const { stage, rules } = this.#score;
    if (!rule) return this.#bench.say(stage ? "No rule has this key here" : "Stage the epoch first, or cite a rule by full stop and its keys");
    const only = rule.supports.length === 1 ? rule.supports[0] : null;
    this.change({ stage: stage ?? only, rules: toggled(rules, rule.id) }, "rules");
  }

  citeByChord(typed) {
    const rule = ruleFromChord(this.#bench.rules, typed);
    if (rule) this.cite(rule);
    else this.#bench.say(`No rule .${typed}`);
  }

  flag(name) {
    this.change({ flags: toggled(this.#score.flags, name) }, "flags");
  }

  copy() {
    const { store, rules, parts } = this.#bench;
    const { current } = store;
    if (current === 0) return this.#bench.say("There is no epoch before this one");
    const before = store.score(current - 1);
    const patch = copied(before, this.#score, rules, { withWords: Boolean(parts.rationale) });
    if (this.change(patch, "copy")) this.#bench.say(`Copied from epoch ${current}`);
  }

  markLights(side) {
    const { lights, store } = this.#bench;
    this.changeLights(lights.toggled(side, store.current));
  }

  changeLights(marks) {
    const { lights, session, parts } = this.#bench;
    if (!this.#mayChange()) return;
    const problem = lights.problem(marks);
    if (problem) return this.#bench.say(`${problem}: nothing was changed`);
    session.changeLights(marks);
    this.#bench.say(parts.lights.textContent);
  }

  undo() {
    if (this.#mayChange()) this.#travel(this.#bench.session.undo(), "Nothing to undo");
  }

  redo() {
    if (this.#mayChange()) this.#travel(this.#bench.session.redo(), "Nothing to redo");
  }

  get #score() {
    const { store } = this.#bench;
    return store.score(store.current);
  }

  #mayChange() {
    const { editable, parts } = this.#bench;
    if (!editable) this.#bench.say(`This scoring is ${parts.closed.textContent}: nothing was changed`);
    return editable;
  }

  /** To where something was undone. */
  #travel(epoch, otherwise) {
    const { store, parts } = this.#bench;
    if (epoch === null) return this.#bench.say(otherwise);
    if (epoch === "lights") return this.#bench.say(parts.lights.textContent);
    if (epoch !== store.current) this.#bench.go(epoch);
    this.#bench.say(`Epoch ${epoch + 1}: ${stageName(store.stage(epoch))}`);
  }
}
