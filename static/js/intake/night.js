// The details of a night: questions, what is assumed, stage files, channels with a preview.

import { element } from "../site/dom.js";
import { ChannelMap } from "./channels.js";
import { assumptionOf, isOpen, questionOf } from "./doubts.js";
import { count, fileName } from "./words.js";

export class NightDetails {
  #api;
  #onChange;
  #others;

  /** `onChange(night)` gets the night after every act; `others` are nights that a stage file can belong to. */
  constructor({ api, onChange, others }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#others = others;
  }

  render(night) {
    const parts = [this.#questions(night), this.#assumptions(night), this.#stageFiles(night), this.#channels(night)];
    const root = element("div", { class: "intake-details stack" }, ...parts.filter(Boolean), this.#acts(night));
    return root;
  }

  #questions(night) {
    const asked = doubtsOf(night).filter(({ doubt }) => isOpen(doubt));
    if (!asked.length) return null;
    return section("Questions", ...asked.map(({ doubt, file }) => this.#question(night, doubt, file)));
  }

  #question(night, doubt, file) {
    // Channels are chosen in the table below, beside their signals.
    if (isAboutChannels(doubt)) return channelHint(doubt);
    const form = questionOf(doubt, this.#options(night, doubt, file));
    if (!file) return form;
    return element("div", {}, element("p", { class: "muted small" }, `Stage file ${fileName(file.name)}`), form);
  }

  #options(night, doubt, file) {
    const scopes = file
      ? [{ key: "all", words: `For all ${file.facts.format ?? ""} stage files of this queue`.replace("  ", " ") }]
      : night.same_labels > 1
        ? [{ key: "same_labels", words: `For all ${night.same_labels} recordings with these channels` }]
        : [];
    scopes.push({ key: "keep", words: "Keep for this study" });
    const answer = async (said) => {
      const body = { doubt: doubt.code, ...said, ...(file ? { file: file.id } : {}) };
      this.#onChange(await this.#api.answer(night.id, body));
    };
    return { answer, scopes };
  }

  #assumptions(night) {
    const told = doubtsOf(night).filter(({ doubt }) => !isOpen(doubt));
    const notes = [...(night.facts.warnings ?? []), ...(night.facts.notes ?? [])];
    if (!told.length && !notes.length) return null;
    return section(
      "Assumptions and notes",
      element(
        "ul",
        { class: "intake-told" },
        ...told.map(({ doubt, file }) => this.#told(night, doubt, file)),
        ...notes.map((note) => element("li", {}, note)),
      ),
    );
  }

  #told(night, doubt, file) {
    const options = this.#options(night, doubt, file);
    return assumptionOf(doubt, { ...options, canChange: !isAboutChannels(doubt) });
  }

  #stageFiles(night) {
    if (!night.stage_files.length) return null;
    return section("Stage files", ...night.stage_files.map((file) => this.stageFile(file, night)));
  }

  /** A stage file with what it holds, and the night that it belongs to. */
  stageFile(file, night = null) {
    const tables = file.facts.tables ?? [];
    const held = tables.map(({ scorer, stages, events }) => {
      const known = Object.entries(stages)
        .filter(([, epochs]) => epochs)
        .map(([stage, epochs]) => `${stage} ${epochs}`);
      return [scorer, known.join(", "), events ? count(events, "event") : ""].filter(Boolean).join(": ");
    });
    const scorer = element("input", {
      value: file.scorer,
      "aria-label": `Scorer of ${fileName(file.name)}`,
      maxlength: 120,
      "data-key": `scorer-${file.id}`,
    });
    scorer.addEventListener("change", () => this.#editFile(file, { scorer: scorer.value.trim() }));
    return element(
      "div",
      { class: "intake-stagefile row" },
      element("b", {}, fileName(file.name)),
      element("label", { class: "nowrap" }, "Scorer ", scorer),
      this.#nightList(file, night),
      element(
        "p",
        { class: "muted small" },
        [file.error || held.join("; ") || file.state_label, ...(file.facts.notes ?? [])].join(" · "),
      ),
    );
  }

  #nightList(file, night) {
    const list = element(
      "select",
      { "aria-label": `Recording of ${fileName(file.name)}`, "data-key": `night-${file.id}` },
      element("option", { value: "" }, "no recording"),
      ...this.#others().map((one) =>
        element("option", { value: one.id }, one.shown_name || fileName(one.file?.name ?? "")),
      ),
    );
    list.value = night?.id ?? "";
    list.addEventListener("change", () => this.#editFile(file, { night: list.value ? Number(list.value) : null }));
    return list;
  }

  async #editFile(file, body) {
    await this.#api.editFile(file.id, body);
    this.#onChange(null);
  }

  #channels(night) {
    if (!night.facts.channels?.length) return null;
    const map = new ChannelMap({
      night,
      save: async (channels, scope) => {
        const { night: changed } = await this.#api.mapChannels(night.id, { channels, ...scope });
        this.#onChange(changed);
      },
      load: (window) => this.#api.signals(night.id, window),
    });
    queueMicrotask(() => map.start());
    return section("Channels", map.node);
  }

  #acts(night) {
    const remove = element("button", { type: "button", class: "button button--danger" }, "Remove from queue");
    remove.addEventListener("click", async () => {
      await this.#api.removeNight(night.id);
      this.#onChange(null);
    });
    const acts = [remove];
    if (night.state === "ready") {
      const bring = element("button", { type: "button", class: "button" }, "Import this recording");
      bring.addEventListener("click", async () => {
        await this.#api.importNights([night.id]);
        this.#onChange(null);
      });
      acts.unshift(bring);
    }
    return element("div", { class: "actions" }, ...acts);
  }
}

/** All doubts of a night, with the stage file that they are about. */
export function doubtsOf(night) {
  return [
    ...night.doubts.map((doubt) => ({ doubt, file: null })),
    ...night.stage_files.flatMap((file) => file.doubts.map((doubt) => ({ doubt, file }))),
  ];
}

function isAboutChannels({ code }) {
  return code === "channels" || code.startsWith("missing_");
}

function channelHint(doubt) {
  return element(
    "p",
    { class: "notice notice--warning" },
    `${doubt.what} ${doubt.assumed}`.trim(),
    " ",
    "Choose the channels in the table below, then save them.",
  );
}

function section(title, ...children) {
  return element("section", {}, element("h3", {}, title), ...children);
}
