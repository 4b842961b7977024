// The lower half: what the sides say, what stands, the reason codes, and a decision being written.

import { keyLabel } from "../keys/keyboard.js";
import { offer } from "../keys/tables.js";
import { element, setText, stageChip } from "../site/dom.js";
import { STAGES } from "../site/registries.js";
import { reasonKey, sideKeys } from "./keys.js";
import { decisionWords } from "./store.js";

// The sides of an epoch by the stage that they give.

/** [{stage, members: [{letter, rules, rationale, flags}]}] in the order of the stages, then those without one. */
export function groupsOf(letters, answers) {
  const sides = answers.map((answer, place) => ({ letter: letters[place], ...answer }));
  return [...STAGES.map(({ id }) => id), null]
    .map((stage) => ({ stage, members: sides.filter((side) => side.stage === stage) }))
    .filter(({ members }) => members.length);
}

/** The letter in a group with the most complete score; among equals another one from epoch to epoch. */
export function fullestOf({ members }, epoch) {
  const fullness = ({ rationale, rules }) => 2 * Boolean(rationale) + Boolean(rules.length);
  const most = Math.max(...members.map(fullness));
  const fullest = members.filter((member) => fullness(member) === most);
  return fullest[epoch % fullest.length].letter;
}

function pendingWords({ stage, side }) {
  return side ? `${stage} of ${side}` : `${stage}`;
}

function ownCard({ stage, rules, rationale }) {
  return element("article", { class: "side", "data-taken": true, "aria-label": "Own score" },
    element("header", { class: "side__head" },
      element("b", {}, "Own score"), stageChip(stage),
      element("span", { class: "side__rules" }, rules.join(", ") || "no rule")),
    element("p", { class: "side__words", dir: "auto", tabindex: "0" }, rationale || "No rationale."));
}

// With more scorings than this the cards get more room.
const FEW = 3;

export class DecisionPanel {
  #parts;
  #rules;
  #reasons;
  #keys;

  constructor({ parts, rules, reasons }) {
    this.#parts = parts;
    this.#rules = rules;
    this.#reasons = reasons;
    parts.reasons.replaceChildren(
      ...reasons.map(({ id, says }, index) =>
        element("button", { type: "button", class: "reason", "data-act": `reason:${id}` },
          element("kbd", { "data-place": index }), says),
      ),
    );
  }

  show({ letters, answers, isHere, decision, pending, draft }) {
    this.#showStatus(answers, decision);
    this.#showSides(letters, answers, pending ?? decision, isHere);
    this.#parts.write.hidden = draft === null;
    this.#parts.sideCards.hidden = draft !== null;
    if (draft) this.#showDraft(draft);
    this.#showReasons(pending, decision);
  }

  /** The keys written on reasons, sides and rules; those of sides and rules show with the next epoch. */
  setKeys(keys) {
    this.#keys = keys;
    for (const kbd of this.#parts.reasons.querySelectorAll("kbd")) {
      const key = reasonKey(keys.adjudication, Number(kbd.dataset.place));
      kbd.hidden = key === null;
      setText(kbd, key ? keyLabel(key) : "");
    }
  }

  quickRule(stage, index) {
    return offer(this.#rules, stage).first[index] ?? null;
  }

  #showStatus(answers, decision) {
    const { status } = this.#parts;
    const why = decisionWords(decision, this.#reasons);
    if (!why) return status.replaceChildren(answers ? "to be settled" : "not settled");
    status.replaceChildren(
      stageChip(decision.stage), ` ${decision.rules.join(", ")} `, element("span", { class: "muted" }, why),
    );
  }

  #showSides(letters, answers, decision, isHere) {
    const isTaken = (letter) => ["take", "unanimous"].includes(decision.choice) && decision.side === letter;
    const cards = answers
      ? groupsOf(letters, answers).map((group) => this.#groupCard(group, { of: letters.length, isTaken, isHere }))
      : [
          element("p", { class: "side__words side__words--agreed", dir: "auto" },
            decision.rationale || "All scorings agree here."),
        ];
    if (answers && decision.choice === "write") cards.push(ownCard(decision));
    const { sideCards } = this.#parts;
    sideCards.toggleAttribute("data-many", letters.length > FEW);
    sideCards.replaceChildren(...cards);
  }

  #groupCard({ stage, members }, { of, isTaken, isHere }) {
    const [key] = stage ? this.#keys.adjudication.keysOf(`stage:${stage}`).map(keyLabel) : [];
    return element("article",
      {
        class: "side", "data-taken": members.some(({ letter }) => isTaken(letter)),
        "aria-label": stage ? `Stage ${stage}` : "Not scored",
      },
      element("header", { class: "side__head" },
        ...(stage
          ? [element("button",
            {
              type: "button", class: "button side__take", "data-act": `stage:${stage}`,
              title: `Accept ${stage} with the most complete rationale${key ? ` (${key})` : ""}`,
            },
            ...(key ? [element("kbd", {}, key)] : []), `Accept ${stage}`)]
          : []),
        stageChip(stage),
        element("span", { class: "side__count num" }, of > 2 ? `${members.length} of ${of}` : "")),
      element("ul", { class: "side__members", tabindex: "0", "aria-label": "Scorings" },
        ...members.map((member) => this.#memberRow(member, isTaken(member.letter), isHere))));
  }

  #memberRow({ letter, stage, rules, rationale, flags }, isTaken, isHere) {
    const [key] = sideKeys(this.#keys.adjudication, letter).map(keyLabel);
    const about = [...rules, ...flags].join(", ") || (stage && isHere ? "no rule" : "");
    return element("li", { class: "member", "data-taken": isTaken },
      element("button",
        {
          type: "button", class: "member__letter", "data-act": `take:${letter}`, disabled: stage === null,
          title: `Accept scoring ${letter}${key ? ` (${key})` : ""}`, "aria-label": `Accept scoring ${letter}`,
        }, letter, ...(key && key !== letter ? [element("kbd", {}, key)] : [])),
      element("span", { class: "side__rules" }, about),
      element("span", { class: "side__words", dir: "auto" },
        isHere ? rationale || (stage ? "No rationale." : "Not scored.") : "The rationale is loading."));
  }

  #showReasons(pending, decision) {
    this.#parts.reasonRow.toggleAttribute("data-live", pending !== null);
    setText(this.#parts.reasonAsk, pending ? `${pendingWords(pending)}, because` : "Reason");
    for (const button of this.#parts.reasons.children) {
      button.disabled = pending === null;
      button.setAttribute("aria-pressed", String(button.dataset.act === `reason:${decision.reason}`));
    }
  }

  #quickKey(index) {
    const [key] = this.#keys.workbench.keysOf(`quick:${index}`);
    return key ? [element("kbd", {}, keyLabel(key))] : [];
  }

  #showDraft({ stage, rules, rationale }) {
    for (const button of this.#parts.stages.children)
      button.setAttribute("aria-pressed", String(button.dataset.stage === stage));
    const { first, others } = offer(this.#rules, stage);
    this.#parts.rules.replaceChildren(
      ...[...first, ...others].map((rule, index) =>
        element("button",
          {
            type: "button", class: "rule", "data-act": `cite:${rule.id}`,
            "aria-pressed": String(rules.includes(rule.id)), title: `${rule.title}. ${rule.text}`,
          },
          ...(index < first.length ? this.#quickKey(index) : []), rule.id),
      ),
    );
    if (this.#parts.rationale.value !== rationale) this.#parts.rationale.value = rationale;
  }
}
