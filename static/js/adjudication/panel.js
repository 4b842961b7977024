// The lower half: what the sides say, what stands, the reason codes, and a decision being written.

import { keyLabel } from "../keys/keyboard.js";
import { offer } from "../keys/tables.js";
import { colourOf, element, setText, stageChip } from "../site/dom.js";
import { HYPNOGRAM_ROWS } from "../site/registries.js";
import { decisionWords } from "./store.js";

function sideCard(letter, [key, ...others], { stage, rules, rationale, flags }, { choice, side }) {
  const isTaken = ["take", "unanimous"].includes(choice) && side === letter;
  const about = [...rules, ...flags].join(", ") || (stage ? "no rule" : "not scored");
  return element("article", { class: "side", "data-taken": isTaken, "aria-label": `Side ${letter}` },
    element("header", { class: "side__head" },
      element("button",
        {
          type: "button", class: "button side__take", "data-act": `take:${letter}`, disabled: stage === null,
          title: `Accept scoring ${letter} (${[key, ...others].join(" or ") || "no key"})`,
        },
        ...(key ? [element("kbd", {}, key)] : []), key === letter ? "Accept" : `Accept ${letter}`),
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
    parts.reasons.replaceChildren(
      ...reasons.map(({ id, says }, index) =>
        element("button", { type: "button", class: "reason", "data-act": `reason:${id}` },
          element("kbd", {}, String(index + 1)), says),
      ),
    );
  }

  show({ letters, answers, decision, pending, draft }) {
    this.#showStatus(answers, decision);
    this.#showSides(letters, answers, pending ?? decision);
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

  #showStatus(answers, decision) {
    const { status } = this.#parts;
    const why = decisionWords(decision, this.#reasons);
    if (!why) return status.replaceChildren(answers ? "to be settled" : "not settled");
    status.replaceChildren(
      stageChip(decision.stage), ` ${decision.rules.join(", ")} `, element("span", { class: "muted" }, why),
    );
  }

  #showSides(letters, answers, decision) {
    const cards = answers
      ? letters.map((letter, index) =>
          sideCard(letter, this.#keys.adjudication.keysOf(`take:${letter}`).map(keyLabel), answers[index], decision),
        )
      : [
          element("p", { class: "side__words side__words--agreed", dir: "auto" },
            decision.rationale || "All scorings agree here."),
        ];
    if (answers && decision.choice === "write") {
      cards.push(
        element("article", { class: "side", "data-taken": true, "aria-label": "Own score" },
          element("header", { class: "side__head" },
            element("b", {}, "Own score"), stageChip(decision.stage),
            element("span", { class: "side__rules" }, decision.rules.join(", ") || "no rule")),
          element("p", { class: "side__words", dir: "auto", tabindex: "0" }, decision.rationale || "No rationale.")),
      );
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

// Under the hypnogram: a band of stage colours for each side, and a mark where they differ.

const BAND_PX = 10;
const MARK_PX = 8;

export class SideStrip {
  #canvas;
  #store;

  constructor({ canvas, letters, store }) {
    this.#canvas = canvas;
    this.#store = store;
    canvas.style.height = `${store.sides.length * BAND_PX + MARK_PX}px`;
    letters.append(
      ...store.sides.map((letter) => Object.assign(document.createElement("span"), { textContent: letter })),
    );
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  redraw() {
    const { clientWidth, clientHeight } = this.#canvas;
    const unit = devicePixelRatio;
    Object.assign(this.#canvas, { width: Math.round(clientWidth * unit), height: Math.round(clientHeight * unit) });
    const context = this.#canvas.getContext("2d");
    context.scale(unit, unit);
    const perEpoch = clientWidth / this.#store.epochCount;
    this.#drawBands(context, perEpoch);
    this.#drawMarks(context, perEpoch);
  }

  #drawBands(context, perEpoch) {
    const inks = Object.fromEntries(HYPNOGRAM_ROWS.map((stage) => [stage, colourOf(`--stage-${stage.toLowerCase()}`)]));
    this.#store.stages.forEach((stages, row) => stages.forEach((stage, epoch) => {
      if (stage === null) return;
      context.fillStyle = inks[stage];
      context.fillRect(epoch * perEpoch, row * BAND_PX + 1, perEpoch + 0.5, BAND_PX - 3);
    }));
  }

  #drawMarks(context, perEpoch) {
    const [open, settled] = [colourOf("--danger"), colourOf("--hairline-strong")];
    const top = this.#store.sides.length * BAND_PX;
    for (const epoch of this.#store.disputed) {
      const isOpen = this.#store.isOpen(epoch);
      context.fillStyle = isOpen ? open : settled;
      context.fillRect(epoch * perEpoch, top, Math.max(perEpoch, 1.5), isOpen ? MARK_PX : MARK_PX / 2);
    }
  }
}
