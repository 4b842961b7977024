// Settling many epochs by a rule: choose it, preview it, apply it as previewed, withdraw it as a whole.

import { newUuid } from "../saving/queue.js";
import { actOnSecond, dateAndTime, element, setText, stageChip } from "../site/dom.js";
import { json } from "../site/server.js";

const epochs = (count) => `${count} epoch${count === 1 ? "" : "s"}`;

const NOT_LOADED = "The rule is stored, and what it changed could not be loaded. Reload the page to go on.";

/** The smallest number of scorings that is at least so many percent of them. */
export function leastVotes(percent, sides) {
  return Math.ceil((percent * sides) / 100);
}

/** "settled" events once the page has what a rule changed; "go" events {epoch} to look at an example. */
export class RuleDialog extends EventTarget {
  #parts;
  #here;
  #store;
  #whyNot;
  #hold;
  #reload;
  #preview = null;
  #uuid = null;

  /**
   * `here` is the address of the adjudication; `whyNot()` says why no rule can be applied now, or null. `hold(why)`
   * stops all decisions of the page until `hold(null)`; `reload()` loads what stands on the server.
   */
  constructor({ parts, here, store, whyNot, hold, reload }) {
    super();
    [this.#parts, this.#here, this.#store, this.#whyNot] = [parts, here, store, whyNot];
    [this.#hold, this.#reload] = [hold, reload];
    parts.ruleForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#show(() => this.#fetch());
    });
    parts.ruleForm.addEventListener("input", () => this.#forget());
    parts.ruleApply.addEventListener("click", () => this.#show(() => this.#apply()));
    parts.ruleResult.addEventListener("click", ({ target }) => {
      const { epoch } = target.closest("[data-epoch]")?.dataset ?? {};
      if (epoch !== undefined) this.#go(Number(epoch));
    });
  }

  open() {
    this.#forget();
    this.#showApplied();
    this.#complain(this.#whyNot() ?? "");
    this.#parts.ruleDialog.showModal();
  }

  #go(epoch) {
    this.#parts.ruleDialog.close();
    this.dispatchEvent(new CustomEvent("go", { detail: { epoch } }));
  }

  /** Another rule than was previewed is in the form. */
  #forget() {
    this.#preview = null;
    const { ruleResult, ruleApply, ruleVotes, rulePercent } = this.#parts;
    ruleResult.replaceChildren();
    ruleApply.hidden = true;
    this.#complain("");
    const percent = rulePercent.valueAsNumber;
    const { length } = this.#store.sides;
    setText(ruleVotes, percent ? `% of the scorings (${leastVotes(percent, length)} of ${length} if all vote)` : "%");
  }

  get #rule() {
    const { rulePercent, ruleLeast, ruleModels, ruleTransitions, ruleFlagged } = this.#parts;
    return {
      percent: rulePercent.value, least_sides: ruleLeast.value, with_models: ruleModels.checked,
      beside_transitions: !ruleTransitions.checked, where_flagged: !ruleFlagged.checked,
    };
  }

  /** Run an act on the server; a refusal is shown in words, and nothing else changes. */
  async #show(act) {
    const why = this.#whyNot();
    if (why) return this.#complain(why);
    this.#complain("");
    for (const button of this.#buttons) button.disabled = true;
    try {
      await act();
    } catch (error) {
      if (!("status" in error)) throw error;
      if (error.body?.code === "outdated") this.#forget();
      this.#complain(error.message);
    } finally {
      for (const button of this.#buttons) button.disabled = false;
    }
  }

  get #buttons() {
    return [this.#parts.rulePreview, this.#parts.ruleApply];
  }

  async #fetch() {
    const rule = this.#rule;
    const preview = await json(`${this.#here}/majority/?${new URLSearchParams(rule)}`);
    // Sent again after no answer it is the same act.
    [this.#preview, this.#uuid] = [{ ...preview, rule }, newUuid()];
    this.#showPreview(preview);
  }

  async #apply() {
    const { rule, preview } = this.#preview;
    const body = { ...rule, preview, client_uuid: this.#uuid };
    await this.#change(`${this.#here}/majority/`, body);
  }

  /** A rule changes many epochs on the server: nothing is decided here until the page has them all. */
  async #change(address, body) {
    this.#hold("The rule is being applied. Nothing was decided");
    try {
      await json(address, "POST", body);
    } catch (error) {
      this.#hold(null);
      throw error;
    }
    this.#complain("The rule is stored. What it changed is loading.");
    try {
      await this.#reload();
    } catch (error) {
      if (!("status" in error)) throw error;
      this.#hold(NOT_LOADED);
      return this.#complain(NOT_LOADED);
    }
    this.#hold(null);
    this.#parts.ruleDialog.close();
    this.dispatchEvent(new CustomEvent("settled"));
  }

  #showPreview({ settles, stays, settled, left }) {
    const { ruleResult, ruleApply } = this.#parts;
    const rows = [
      ...settles.filter(({ count }) => count).map((row) => this.#row(row, "Settles", stageChip(row.stage))),
      ...stays.filter(({ count }) => count).map((row) => this.#row(row, "Stays", row.says)),
    ];
    ruleResult.replaceChildren(
      element("p", { role: "status" },
        element("b", {}, `${epochs(settled)} settled, ${left} left to settle by hand.`)),
      element("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "What the rule does" },
        element("table", { class: "table table--compact" },
          element("thead", {}, element("tr", {},
            element("th", { scope: "col" }, "Result"), element("th", { scope: "col" }, "Stage or reason"),
            element("th", { scope: "col", class: "num" }, "Epochs"), element("th", { scope: "col" }, "Examples"))),
          element("tbody", {}, ...rows))),
    );
    ruleApply.hidden = settled === 0;
    setText(ruleApply, `Settle ${epochs(settled)}`);
  }

  #row({ count, examples }, result, what) {
    const links = examples.map((epoch) =>
      element("button", { type: "button", class: "link-button num", "data-epoch": epoch, title: "Go to this epoch" },
        String(epoch + 1)));
    return element("tr", {},
      element("td", {}, result), element("th", { scope: "row" }, what), element("td", { class: "num" }, String(count)),
      element("td", {}, element("div", { class: "rule-examples" }, ...links)));
  }

  #showApplied() {
    const standing = this.#store.settlements.filter((settlement) => !settlement.is_withdrawn);
    this.#parts.ruleApplied.hidden = standing.length === 0;
    this.#parts.ruleList.replaceChildren(...standing.map((settlement) => this.#applied(settlement)));
  }

  #applied({ id, words, by, at, epoch_count: count }) {
    const first = element("button", { type: "button", class: "button" }, "Withdraw rule …");
    const second = element("button", { type: "button", class: "button button--danger" }, "Open its epochs again");
    actOnSecond(first, second, () => this.#show(() => this.#change(`${this.#here}/majority/${id}/withdraw/`, {})));
    const facts = [epochs(count), by, dateAndTime(new Date(at))].filter(Boolean).join(", ");
    return element("li", {},
      element("p", {}, words), element("p", { class: "muted" }, facts),
      element("div", { class: "row" }, first, second));
  }

  #complain(words) {
    this.#parts.ruleError.hidden = words === "";
    setText(this.#parts.ruleError, words);
  }
}
