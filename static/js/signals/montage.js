// Montages: differences of channels, and named sets of channels and filters, own or of the study. Loaded with the
// display dialog.

import { actOnSecond, element, setText } from "../site/dom.js";
import { differenceName, problemOfDifference, soundCuts, soundRows } from "./channels.js";

export const MOST_MONTAGES = 20;
const LONGEST_NAME = 60;
// The server keeps 32 kB of display settings for a person; what is larger would be lost on the next computer.
const MOST_CHARACTERS = 20_000;

/** The reference as a row has it: a channel, or a list of several. */
function referenceOf(minuses) {
  const names = minuses.map(({ name }) => name);
  return names.length === 1 ? names[0] : names;
}

/** Why channels make no further difference, or null; a channel is {name, unit, sfreq_hz}. */
export function problemOfNewDifference(plus, minuses, rows) {
  if (!plus || !minuses.length) return "Choose a channel and its reference.";
  const name = differenceName(plus.name, referenceOf(minuses));
  const isThere = rows.some((row) => row.name === name);
  return problemOfDifference(plus, minuses) ?? (isThere ? "This difference is in the list already." : null);
}

/** A row of the display that is a channel minus the mean of others; at the top, where it is seen. */
export function withDifference(rows, all, plus, minuses) {
  const minus = referenceOf(minuses);
  const name = differenceName(plus.name, minus);
  const row = { name, plus: plus.name, minus, hidden: false, inverted: false, gain: 1 };
  const here = new Set(all.map((each) => each.name));
  return [row, ...all, ...rows.filter((each) => !here.has(each.name))];
}

/** Montages as stored somewhere: what is no montage is left out. */
export function soundMontages(stored) {
  const isNamed = (montage) => typeof montage?.name === "string" && montage.name.trim() !== "";
  const sound = (Array.isArray(stored) ? stored : []).filter(isNamed).slice(0, MOST_MONTAGES);
  return sound.map(({ name, rows, cuts }) =>
    ({ name: name.slice(0, LONGEST_NAME), rows: soundRows(rows), cuts: soundCuts(cuts) }));
}

/** The list with this montage in it, in place of one of the same name; null where there is no room. */
export function withMontage(montages, montage) {
  const list = [...montages.filter(({ name }) => name !== montage.name), montage];
  return list.length <= MOST_MONTAGES && JSON.stringify(list).length <= MOST_CHARACTERS ? list : null;
}

/** The part of the display dialog about montages; made once, `show()` when the display has changed. */
export class MontagePanel {
  #settings;
  #rows;
  #onChange;
  #shared;
  #channels = [];
  #ofStudy = [];
  #version = 0;
  #mayShare = false;
  #list = element("select", { "aria-label": "Montage" });
  #name = element("input", {
    type: "text", maxlength: String(LONGEST_NAME), "aria-label": "Name of the montage", placeholder: "name",
  });
  #forStudy = element("input", { type: "checkbox" });
  #plus = element("select", { "aria-label": "Channel" });
  #minus = element("fieldset", { class: "display__reference" });
  #words = element("p", { role: "status" });
  #share = element("label", { hidden: true });

  /**
   * `settings()` and `rows()` are those in force; `shared` has load() and save({montages, version}) for those of the
   * study, null where there is no study.
   */
  constructor({ holder, settings, rows, onChange, shared }) {
    [this.#settings, this.#rows, this.#onChange, this.#shared] = [settings, rows, onChange, shared];
    this.#share.append(this.#forStudy, " for all in the study");
    const discard = button("Delete montage …", () => {});
    const discardNow = element("button", { type: "button", class: "button button--danger" }, "Delete this montage");
    actOnSecond(discard, discardNow, () => this.#discard());
    holder.replaceChildren(
      line(this.#plus, button("Add difference", () => this.#add())),
      this.#minus,
      line(this.#list, button("Use montage", () => this.#use()), discard, discardNow),
      line(this.#name, button("Save montage", () => this.#save()), this.#share),
      this.#words,
    );
    this.#name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // it would close the dialog
      this.#save();
    });
    this.#loadShared();
  }

  /** `channels` are those of the file as recorded. */
  show(channels) {
    this.#channels = channels;
    fill(this.#plus, channels.map(({ name }) => ["", name]));
    const checked = this.#references;
    this.#minus.replaceChildren(
      element("legend", {}, "minus channel, or the mean of several"),
      ...channels.map(({ name }) => element("label", {},
        element("input", { type: "checkbox", value: name, checked: checked.includes(name) }), ` ${name}`)));
    this.#showList();
  }

  get #references() {
    return [...this.#minus.querySelectorAll(":checked")].map(({ value }) => value);
  }

  get #own() {
    return soundMontages(this.#settings().montages);
  }

  #showList() {
    const own = this.#own.map(({ name }) => ["own", name]);
    fill(this.#list, [...own, ...this.#ofStudy.map(({ name }) => ["study", name])]);
    if (!this.#list.options.length) this.#list.append(element("option", { value: "" }, "none saved"));
  }

  async #loadShared() {
    const answer = await this.#shared?.load().catch(() => null);
    if (!answer) return;
    this.#mayShare = answer.may_change;
    this.#share.hidden = !this.#mayShare;
    this.#take(answer);
    this.#showList();
  }

  #take({ montages, version }) {
    [this.#ofStudy, this.#version] = [soundMontages(montages), version];
  }

  #say(words) {
    this.#words.className = "muted";
    setText(this.#words, words);
  }

  #refuse(problem) {
    this.#words.className = "field__errors";
    setText(this.#words, problem);
  }

  #add() {
    const plus = this.#channels.find(({ name }) => this.#plus.value === keyOf("", name));
    const references = this.#references;
    const minuses = this.#channels.filter(({ name }) => references.includes(name));
    const problem = problemOfNewDifference(plus, minuses, this.#settings().rows);
    if (problem) return this.#refuse(problem);
    const rows = withDifference(this.#settings().rows, this.#rows(), plus, minuses);
    this.#change({ rows });
    this.#say(`${rows[0].name} is at the top of the list.`);
  }

  get #chosen() {
    const lists = [["own", this.#own], ["study", this.#ofStudy]];
    return lists.flatMap(([whose, list]) => list.map((montage) => ({ whose, montage })))
      .find(({ whose, montage }) => this.#list.value === keyOf(whose, montage.name));
  }

  #use() {
    if (!this.#chosen) return this.#refuse("Save a montage first.");
    const { name, rows, cuts } = this.#chosen.montage;
    this.#change({ rows, cuts });
    this.#say(`“${name}” is used.`);
  }

  async #save() {
    const name = this.#name.value.trim();
    if (!name) return this.#refuse("Give the montage a name.");
    const { cuts } = this.#settings();
    const isShared = this.#mayShare && this.#forStudy.checked;
    const list = withMontage(isShared ? this.#ofStudy : this.#own, { name, rows: this.#rows(), cuts });
    if (!list) return this.#refuse("There is no room for a further montage. Delete one first.");
    await this.#keep(isShared ? "study" : "own", list, `“${name}” is saved${isShared ? " for the study" : ""}.`);
  }

  async #discard() {
    if (!this.#chosen) return;
    const { whose, montage } = this.#chosen;
    if (whose === "study" && !this.#mayShare) return this.#refuse("Montages of the study are deleted by its leads.");
    const all = whose === "own" ? this.#own : this.#ofStudy;
    const list = all.filter(({ name }) => name !== montage.name);
    await this.#keep(whose, list, `“${montage.name}” is deleted.`);
  }

  async #keep(whose, list, words) {
    if (whose === "own") {
      this.#change({ montages: list });
      return this.#say(words);
    }
    try {
      this.#take(await this.#shared.save({ montages: list, version: this.#version }));
      this.#say(words);
    } catch (error) {
      if (!("status" in error)) throw error;
      if (error.body.code === "montages_changed") this.#take(error.body);
      this.#refuse(`Not saved: ${error.message}`);
    }
    this.#showList();
  }

  #change(patch) {
    this.#onChange({ ...this.#settings(), ...patch });
    this.#showList();
  }
}

function keyOf(whose, name) {
  return `${whose}:${name}`;
}

function fill(select, entries) {
  const chosen = select.value;
  select.replaceChildren(...entries.map(([whose, name]) =>
    element("option", { value: keyOf(whose, name) }, whose === "study" ? `${name} (study)` : name)));
  if (entries.some(([whose, name]) => keyOf(whose, name) === chosen)) select.value = chosen;
}

function line(...children) {
  return element("div", { class: "display__line" }, ...children);
}

function button(words, act) {
  const made = element("button", { type: "button", class: "button" }, words);
  made.addEventListener("click", act);
  return made;
}
