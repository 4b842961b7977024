// The lower half: what the sides say, what stands, the reason codes, and a decision being written.

import { element, setText, stageChip } from "../workbench/dom.js";
import { keyLabel } from "../workbench/keynames.js";
import { offer } from "../workbench/rules.js";
import { told } from "./decisions.js";

function sideCard(letter, [key, ...others], { stage, rules, rationale, flags }, { choice, side }) {
  const isTaken = ["take", "unanimous"].includes(choice) && side === letter;
  const about = [...rules, ...flags].join(", ") || (stage ? "no rule" : "not scored");
  return element("article", { class: "side", "data-taken": isTaken, "aria-label": `Side ${letter}` },
    element("header", { class: "side__head" },
      element("button", { type: "button", class: "button side__take", "data-act": `take:${letter}`, disabled: stage === null, title: `Take ${letter} (${[key, ...others].join(" or ") || "no key"})` },
        ...(key ? [element("kbd", {}, key)] : []), key === letter ? "Take" : `Take ${letter}`),
      stageChip(stage), element("span", { class: "side__rules" }, about)),
    element("p", { class: "side__words", dir: "auto", tabindex: "0" }, rationale || (stage ? "No rationale." : "")));
}

export class DecisionPanel {
  #parts;
  #rules;
  #reasons;
  #keys;

  constructor({ parts, rules, reasons }) {
    this.#parts = parts;
    this.#rules = rules;
    this.#reasons = reasons;
    parts.reasons.replaceChildren(...reasons.map(({ id, says }, index) =>
      element("button", { type: "button", class: "reason", "data-act": `reason:${id}` }, element("kbd", {}, String(index + 1)), says)));
  }

  show({ letters, said, decision, pending, draft }) {
    this.#showStatus(said, decision);
    this.#showSides(letters, said, pending ?? decision);
    this.#parts.write.hidden = draft === null;
    this.#parts.sideCards.hidden = draft !== null;
    if (draft) this.#showDraft(draft);
    this.#showReasons(pending, decision);
  }

  /** The keys written on sides and rules; they show with the next epoch. */
  setKeys(keys) {
    this.#keys = keys;
  }

  quickRule(stage, index) {
    return offer(this.#rules, stage).first[index] ?? null;
  }

  #showStatus(said, decision) {
    const { status } = this.#parts;
    const why = told(decision, this.#reasons);
    if (!why) return status.replaceChildren(said ? "to be settled" : "not settled");
    status.replaceChildren(stageChip(decision.stage), ` ${decision.rules.join(", ")} `, element("span", { class: "muted" }, why));
  }

  #showSides(letters, said, decision) {
    const cards = said
      ? letters.map((letter, index) => sideCard(letter, this.#keys.adjudication.keysOf(`take:${letter}`).map(keyLabel), said[index], decision))
      : [element("p", { class: "side__words side__words--agreed", dir: "auto" }, decision.rationale || "All sides agree here.")];
    if (said && decision.choice === "write") {
      cards.push(element("article", { class: "side", "data-taken": true, "aria-label": "Written" },
        element("header", { class: "side__head" }, element("b", {}, "Written"), stageChip(decision.stage), element("span", { class: "side__rules" }, decision.rules.join(", ") || "no rule")),
        element("p", { class: "side__words", dir: "auto", tabindex: "0" }, decision.rationale || "No rationale.")));
    }
    this.#parts.sideCards.replaceChildren(...cards);
  }

  #showReasons(pending, decision) {
    this.#parts.reasonRow.toggleAttribute("data-live", pending !== null);
    setText(this.#parts.reasonAsk, pending ? `${pending.side ? `${pending.side}, because` : "Because"}` : "Reason");
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
    for (const button of this.#parts.stages.children) button.setAttribute("aria-pressed", String(button.dataset.stage === stage));
    const { first, others } = offer(this.#rules, stage);
    this.#parts.rules.replaceChildren(...[...first, ...others].map((rule, index) =>
      element("button", { type: "button", class: "rule", "data-act": `cite:${rule.id}`, "aria-pressed": String(rules.includes(rule.id)), title: `${rule.title}. ${rule.text}` },
        ...(index < first.length ? this.#quickKey(index) : []), rule.id)));
    if (this.#parts.rationale.value !== rationale) this.#parts.rationale.value = rationale;
  }
}
