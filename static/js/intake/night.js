// The details of a night: questions, what is assumed, stage files, channels with a preview.

import { element } from "../site/dom.js";
import { ChannelMap } from "./channels.js";
import { assumptionOf, isOpen, questionOf } from "./doubts.js";
import { count, fileName, sentences } from "./words.js";

const NO_NIGHT = "Choose the recording of this stage file, or remove the file.";

export class NightDetails {
  #api;
  #act;
  #onChange;
  #importNight;
  #others;

  /**
   * `act(act)` does an act and says in words what failed; `onChange()` is called after an answer that was saved;
   * `others()` are the nights that a stage file can belong to.
   */
  constructor({ api, act, onChange, importNight, others }) {
    this.#api = api;
    this.#act = act;
    this.#onChange = onChange;
    this.#importNight = importNight;
    this.#others = others;
  }

  render(night) {
    const parts = [this.#questions(night), this.#channels(night), this.#stageFiles(night), this.#assumptions(night)];
    return element("div", { class: "intake-details stack" }, ...parts.filter(Boolean), this.#acts(night));
  }

  #questions(night) {
    const asked = isDone(night) ? [] : doubtsOf(night).filter(({ doubt }) => isOpen(doubt));
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
    const answer = async (said) => {
      await this.#api.answer(night.id, { doubt: doubt.code, ...said, ...(file ? { file: file.id } : {}) });
      this.#onChange();
    };
    return { answer, scopes: scopesOf(night, doubt, file), file: file ? fileName(file.name) : "" };
  }

  /** What is assumed of channels stands in their table. */
  #assumptions(night) {
    const told = doubtsOf(night).filter(({ doubt }) => !isOpen(doubt) && !isAboutChannels(doubt));
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
    return assumptionOf(doubt, { ...this.#options(night, doubt, file), canChange: !isDone(night) });
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
    const words = [
      file.error || held.join("; ") || (night ? file.state_label : NO_NIGHT),
      ...(file.facts.notes ?? []),
    ];
    return element(
      "div",
      { class: "intake-stagefile" },
      element("b", { title: file.name }, fileName(file.name)),
      element("label", {}, "Scorer ", scorer),
      element("label", {}, "Recording ", this.#nightList(file, night)),
      this.removal(file),
      element("p", { class: "muted small" }, words.join(" · ")),
    );
  }

  /** A button that deletes a file from the queue. */
  removal(file) {
    const remove = element(
      "button",
      { type: "button", class: "button", "aria-label": `Delete file ${fileName(file.name)}` },
      "Delete file",
    );
    remove.addEventListener("click", () => this.#act(() => this.#api.removeFile(file.id)));
    return remove;
  }

  #nightList(file, night) {
    const choices = this.#others().filter((one) => !isDone(one) || one.id === night?.id);
    const list = element(
      "select",
      { "aria-label": `Recording of ${fileName(file.name)}`, "data-key": `night-${file.id}` },
      element("option", { value: "" }, "no recording"),
      ...choices.map((one) => element("option", { value: one.id }, one.shown_name || fileName(one.file?.name ?? ""))),
    );
    list.value = night?.id ?? "";
    list.addEventListener("change", () => this.#editFile(file, { night: list.value ? Number(list.value) : null }));
    return list;
  }

  #editFile(file, body) {
    return this.#act(() => this.#api.editFile(file.id, body));
  }

  #channels(night) {
    if (!night.facts.channels?.length || isDone(night)) return null;
    const map = new ChannelMap({
      night,
      save: async (channels, scope) => {
        await this.#api.mapChannels(night.id, { channels, ...scope });
        this.#onChange();
      },
      load: (window) => this.#api.signals(night.id, window),
    });
    queueMicrotask(() => map.start());
    return section("Channels", map.node);
  }

  #acts(night) {
    if (isDone(night)) return "";
    const remove = element("button", { type: "button", class: "button button--danger" }, "Delete recording from queue");
    remove.addEventListener("click", () => this.#act(() => this.#api.removeNight(night.id)));
    const acts = [remove];
    if (night.state === "ready") {
      const bring = element("button", { type: "button", class: "button" }, "Import this recording");
      bring.addEventListener("click", () => this.#importNight(night.id));
      acts.unshift(bring);
    }
    return element("div", { class: "actions" }, ...acts);
  }
}

/** What else an answer can be for; some answers hold for a single file only. */
function scopesOf(night, { code }, file) {
  if (["stage_file", "start_clock", "epoch_start"].includes(code)) return [];
  const keep = { key: "keep", words: "Use for all later imports of this study" };
  if (file) {
    const all = { key: "all", words: "For all stage files of this format in the queue" };
    // Where stages lie on a recording is told by each file alone.
    return ["codes", "epoch_s", "unknown_texts"].includes(code) ? [all, keep] : [all];
  }
  if (night.same_labels < 2) return [keep];
  return [{ key: "same_labels", words: `For all ${night.same_labels} recordings with these channels` }, keep];
}

/** Whether a night was imported: then nothing of it is decided here any more. */
export function isDone({ state }) {
  return ["imported", "importing", "failed", "removed"].includes(state);
}

/** All doubts of a night, with the stage file that they are about. */
export function doubtsOf(night) {
  return [
    ...night.doubts.map((doubt) => ({ doubt, file: null })),
    ...night.stage_files.flatMap((file) => file.doubts.map((doubt) => ({ doubt, file }))),
  ];
}

/** Such a doubt is answered in the table of channels, beside their signals. */
export function isAboutChannels({ code }) {
  return code === "channels" || code.startsWith("missing_") || code.startsWith("assumed_");
}

function channelHint(doubt) {
  return element(
    "p",
    { class: "notice notice--warning" },
    sentences(doubt.what, doubt.assumed, "Choose the channels in the table below, then save them."),
  );
}

function section(title, ...children) {
  return element("section", {}, element("h3", {}, title), ...children);
}
