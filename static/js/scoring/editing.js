// Changes that the person makes on the page, as far as the scoring is open to them and the signal is there to be seen.

import { ruleFromChord, rulesAfterStage, toggled } from "../keys/tables.js";
import { keptNights, megabytes } from "../saving/storage.js";
import { stageName } from "../signals/night.js";
import { setText } from "../site/dom.js";
import { copied } from "./panel.js";

/** Changes of the epoch on the page and of the lights marks. Where nothing may be changed the answer says so. */
export class Editing {
  #bench;
  #rules;
  #lights;
  #isOpen = true;
  #sight = null;

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

  /** Nobody stages what cannot be seen: `sight` says whether the signal is here, and why not. */
  follow(sight) {
    this.#sight = sight;
  }

  /** Returns whether the change was made: the scoring is open to it, and what is judged can be seen. */
  change(patch, field) {
    const { session, store } = this.#bench;
    const may = this.#mayChange() && this.#maySee(patch);
    if (may) session.change(store.current, patch, field);
    return may;
  }

  setStage(stage) {
    return this.change({ stage, rules: rulesAfterStage(this.#rules, this.#score.rules, stage) }, "stage");
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

  /** Words, flags and taking away need no signal; a stage or a rule does. */
  #maySee({ stage = null, rules = [] }) {
    const now = this.#score;
    const judges = (stage !== null && stage !== now.stage) || rules.some((id) => !now.rules.includes(id));
    if (!judges || !this.#sight || this.#sight.isHere) return true;
    this.#bench.answers.say(`${this.#sight.why} Nothing was changed`);
    return false;
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

// Whether the signal of the epoch under scoring can be seen, and how far it reaches without a network.

const RAW_AWAY = "no network: your filters or channels need the server; the standard display shows what is kept";
const NOT_HERE = "The signal of this epoch is not here.";

export class Sight {
  #bench;
  #signals;
  #traces;
  #isAway = false;

  /** `signals` and `traces` are null where the recording has none: then there is nothing to wait for. */
  constructor(bench, { signals, traces }) {
    [this.#bench, this.#signals, this.#traces] = [bench, signals, traces];
    bench.editing.follow(this);
    if (!signals) return;
    signals.addEventListener("failed", ({ detail }) => this.#become(detail.error.status === 0));
    signals.addEventListener("epoch", ({ detail }) => detail.isKept || this.#become(navigator.onLine === false));
    traces.arrivals.push(() => this.show());
    for (const sign of ["online", "offline"]) addEventListener(sign, () => this.#become(navigator.onLine === false));
  }

  get isHere() {
    return this.#traces?.isHere ?? true;
  }

  get why() {
    return NOT_HERE;
  }

  /** The page has turned. */
  show() {
    if (!this.#signals) return;
    const { parts, store } = this.#bench;
    document.body.toggleAttribute("data-unseen", !this.isHere);
    parts.reach.hidden = !this.#isAway;
    setText(parts.reach, this.#isAway ? this.#reach(store.current) : "");
  }

  #reach(epoch) {
    return this.#traces.usesRaw ? RAW_AWAY : reachWords(epoch, this.#signals.endFrom(epoch));
  }

  #become(isAway) {
    this.#isAway = isAway;
    this.show();
  }
}

/**
 * The button that keeps the signals of the night in this browser. What it needs is loaded when somebody asks for it, or
 * has asked before. `owner` is {user, recording, version}, `fetch(first, count)` asks the server.
 */
export function attachKeeping({ parts, store, answers }, { signals, owner, fetch }) {
  const { blocks } = signals;
  let opening = null;
  const open = async () => {
    const { openKeptNight } = await import("../saving/nights.js");
    signals.kept = await openKeptNight({
      button: parts.keep, owner, blocks, fetch, epoch: () => store.current, say: (words) => answers.say(words),
    });
    return signals.kept;
  };
  const opened = () => (opening ??= open().catch(() => {
    opening = null;
    answers.say("Signals cannot be kept in this browser now");
  }));
  parts.keep.hidden = false;
  setText(parts.keep, `keep offline, ${megabytes(blocks.bytes)}`);
  parts.keep.addEventListener("click", async () => (await opened())?.press());
  if (keptNights(owner.user).includes(owner.recording)) opened();
}

/** How far the signal reaches without a network; `end` is the first epoch that has none, null without such. */
export function reachWords(epoch, end) {
  if (end === null) return "no network: all signals to the end are here";
  if (end === epoch) return `no network: epoch ${epoch + 1} has no signal here, staging is locked`;
  return `no network: no signal from epoch ${end + 1} on, staging is locked there`;
}
