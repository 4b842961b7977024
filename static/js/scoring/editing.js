// Changes that the person makes on the page, as far as the scoring is open to them.

import { ruleFromChord, rulesAfterStage, toggled } from "../keys/tables.js";
import { stageName } from "../signals/night.js";
import { setText } from "../site/dom.js";
import { copied } from "./panel.js";

/** Changes of the epoch on the page and of the lights marks. Where nothing may be changed the answer says so. */
export class Editing {
  #bench;
  #rules;
  #lights;
  #isOpen = true;

  /** `bench` is the workbench's without this; `rules` come from the server. */
  constructor(bench, { rules, lights }) {
    [this.#bench, this.#rules, this.#lights] = [bench, rules, lights];
  }

  /** Whether the scoring takes changes. */
  get isOpen() {
    return this.#isOpen;
  }

  /** Everything can be looked at, nothing changed; `why` in a word or two for the bar, null opens it again. */
  lock(why) {
    const { closed, submit, rationale } = this.#bench.parts;
    this.#isOpen = why === null;
    closed.hidden = this.#isOpen;
    setText(closed, why ?? "");
    document.body.toggleAttribute("data-locked", !this.#isOpen);
    submit.disabled = !this.#isOpen;
    if (rationale) rationale.readOnly = !this.#isOpen;
  }

  /** Returns whether the scoring is open to changes. */
  change(patch, field) {
    const { session, store } = this.#bench;
    const may = this.#mayChange();
    if (may) session.change(store.current, patch, field);
    return may;
  }

  setStage(stage) {
    this.change({ stage, rules: rulesAfterStage(this.#rules, this.#score.rules, stage) }, "stage");
  }

  /** Citing a rule that supports a single stage also stages an unscored epoch. */
  cite(rule) {
    const { stage, rules } = this.#score;
    const { answers } = this.#bench;
    if (!rule)
      return answers.say(
        stage ? "No rule has this key here" : "Score the epoch first, or type a full stop and the keys of a rule",
      );
    const only = rule.supports.length === 1 ? rule.supports[0] : null;
    this.change({ stage: stage ?? only, rules: toggled(rules, rule.id) }, "rules");
  }

  citeById(id) {
    this.cite(this.#rules.find((rule) => rule.id === id));
  }

  /** `typed` are the two keys after the chord key. */
  citeByChord(typed) {
    const rule = ruleFromChord(this.#rules, typed);
    if (rule) this.cite(rule);
    else this.#bench.answers.say(`No rule .${typed}`);
  }

  flag(name) {
    this.change({ flags: toggled(this.#score.flags, name) }, "flags");
  }

  copy() {
    const { store, parts, answers } = this.#bench;
    const { current } = store;
    if (current === 0) return answers.say("This is the first epoch");
    const before = store.score(current - 1);
    const patch = copied(before, this.#score, this.#rules, { withWords: Boolean(parts.rationale) });
    if (this.change(patch, "copy")) answers.say(`Copied from epoch ${current}`);
  }

  changeLights(marks) {
    const { session, answers, parts } = this.#bench;
    if (!this.#mayChange()) return;
    const problem = this.#lights.problem(marks);
    if (problem) return answers.say(`${problem}: nothing was changed`);
    session.changeLights(marks);
    answers.say(parts.lights.textContent);
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
    const { answers, parts } = this.#bench;
    if (!this.#isOpen) answers.say(`This scoring is ${parts.closed.textContent}: nothing was changed`);
    return this.#isOpen;
  }

  /** To where something was undone. */
  #travel(epoch, otherwise) {
    const { store, turning, answers, parts } = this.#bench;
    if (epoch === null) return answers.say(otherwise);
    if (epoch === "lights") return answers.say(parts.lights.textContent);
    if (epoch !== store.current) turning.go(epoch);
    answers.say(`Epoch ${epoch + 1}: ${stageName(store.stage(epoch))}`);
  }
}
