// The lower half: stage, rules, rationale and flags of the epoch on screen.

import { element, setText } from "./dom.js";
import { keyLabel } from "./keynames.js";
import { MOST_CHARACTERS } from "./rationale.js";
import { chordOf, offer } from "./rules.js";

function ruleChip(rule, { key, cited, wrong }) {
  return element(
    "button",
    {
      type: "button", class: "rule", "data-act": `rule:${rule.id}`, "aria-pressed": String(cited),
      title: `${rule.title}. ${rule.text}`, "data-wrong": wrong,
    },
    element("kbd", {}, key),
    element("span", { class: "rule__id" }, rule.id),
  );
}

/** A rule with its wording, for the list of all of them. */
function ruleRow(rule, chord) {
  return element(
    "button",
    { type: "button", class: "rule", "data-act": `rule:${rule.id}`, "data-rule": rule.id, "aria-pressed": "false" },
    element("kbd", {}, chord),
    element("span", { class: "rule__id" }, rule.id),
    element("span", { class: "rule__text" }, `${rule.title}. ${rule.text}`),
  );
}

export class EpochPanel {
  #parts;
  #rules;
  #keys;
  #drawn = "";

  constructor({ parts, rules, keys }) {
    this.#parts = parts;
    this.#rules = rules;
    this.setKeys(keys);
  }

  /** The keys written on the rules; they show with the next score. */
  setKeys(keys) {
    this.#keys = keys;
    this.#drawn = "";
    this.#parts.ruleList.replaceChildren(...this.#rules.map((rule) => ruleRow(rule, this.#chordOf(rule))));
  }

  show(score) {
    for (const button of this.#parts.stages.children) {
      button.setAttribute("aria-pressed", String(button.dataset.stage === (score.stage ?? "")));
    }
    for (const button of this.#parts.flags.children) {
      button.setAttribute("aria-pressed", String(score.flags.includes(button.dataset.flag)));
    }
    this.#showRules(score);
    this.#showRationale(score.rationale);
  }

  /** The first rules offered, in the order of their quick keys. */
  quickRule(stage, index) {
    return offer(this.#rules, stage).first[index] ?? null;
  }

  #chordOf(rule) {
    const [key] = this.#keys.keysOf("chord");
    return key ? keyLabel(key) + chordOf(rule.id) : "";
  }

  #quickKey(index) {
    const [key] = this.#keys.keysOf(`quick:${index}`);
    return key && keyLabel(key);
  }

  setChord(keys) {
    this.#parts.chord.hidden = keys === null;
    setText(this.#parts.chord, keys === null ? "" : `rule .${keys}_`);
  }

  #showRules({ stage, rules: cited }) {
    const state = JSON.stringify([stage, cited]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const { first, others, rest } = offer(this.#rules, stage);
    const wrong = rest.filter((rule) => cited.includes(rule.id));
    const chip = (rule, more) => ruleChip(rule, { cited: cited.includes(rule.id), ...more });
    this.#parts.rules.replaceChildren(
      ...first.map((rule, index) => chip(rule, { key: this.#quickKey(index) ?? this.#chordOf(rule) })),
      ...others.map((rule) => chip(rule, { key: this.#chordOf(rule) })),
      ...wrong.map((rule) => chip(rule, { key: this.#chordOf(rule), wrong: true })),
    );
    setText(this.#parts.problems, this.#problem(stage, wrong));
    setText(this.#parts.wording, this.#rules.filter((rule) => cited.includes(rule.id)).map((rule) => rule.title).join(" · "));
    for (const button of this.#parts.ruleList.children) {
      button.setAttribute("aria-pressed", String(cited.includes(button.dataset.rule)));
    }
  }

  #problem(stage, wrong) {
    if (!wrong.length) return "";
    const names = wrong.map((rule) => rule.id).join(", ");
    return stage === null ? `${names} cited without a stage` : `${names} cannot support ${stage}`;
  }

  #showRationale(rationale) {
    const box = this.#parts.rationale;
    if (!box) return;
    if (box.value !== rationale) box.value = rationale;
    const count = [...rationale].length;
    setText(this.#parts.length, count > MOST_CHARACTERS ? `${count} characters: at most ${MOST_CHARACTERS} can be saved` : `${count} characters`);
    this.#parts.length.toggleAttribute("data-over", count > MOST_CHARACTERS);
  }
}
