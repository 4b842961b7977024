// Doubts as questions with answers, and as assumptions that can be changed.

import { element } from "../site/dom.js";
import { sentences } from "./words.js";

let made = 0;

/** A form for a doubt; `answer({value, same_labels, all, keep})` sends what a person chose. */
export function questionOf(doubt, { answer, scopes, file = "" }) {
  made += 1;
  const name = `doubt-${made}`;
  const key = `${doubt.code} ${file}`;
  const fields = doubt.choices.length ? choicesOf(doubt, name, key) : [freeAnswer(doubt, name, key)];
  const extras = scopes.map((scope) => scopeBox(scope, key));
  const error = element("p", { class: "field__errors", role: "alert", hidden: true });
  const form = element(
    "form",
    { class: "intake-question" },
    element(
      "fieldset",
      {},
      element("legend", {}, doubt.what),
      doubt.where && element("p", { class: "muted small intake-where" }, doubt.where),
      ...fields,
      ...extras.map(({ label }) => label),
    ),
    error,
    element("button", { class: "button", "data-key": `${key} save` }, "Save answer"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = new FormData(form).get(name)?.trim() ?? "";
    error.hidden = Boolean(value);
    error.textContent = value ? "" : "Choose or type an answer.";
    if (!value) return;
    try {
      await answer({ value, ...Object.fromEntries(extras.map(({ box }) => [box.name, box.checked])) });
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    }
  });
  return form;
}

function choicesOf(doubt, name, key) {
  return doubt.choices.map(({ value, words }) =>
    element(
      "label",
      { class: "intake-choice" },
      element("input", {
        type: "radio",
        name,
        value,
        required: true,
        checked: doubt.answer === value,
        "data-key": `${key} ${value}`,
      }),
      words,
    ),
  );
}

function freeAnswer(doubt, name, key) {
  const example = doubt.option.replace(/^--[\w-]+\s*/, "").replaceAll('"', "");
  return element(
    "label",
    { class: "field" },
    "Answer ",
    element("input", {
      name,
      autocomplete: "off",
      maxlength: 200,
      value: doubt.answer,
      placeholder: example && `such as ${example}`,
      "data-key": key,
    }),
  );
}

function scopeBox({ key, words }, question) {
  const box = element("input", { type: "checkbox", name: key, "data-key": `${question} ${key}` });
  return { box, label: element("label", { class: "intake-choice" }, box, words) };
}

/** What is assumed or was answered, in a line that opens to the question. */
export function assumptionOf(doubt, { canChange, ...options }) {
  const line = element(
    "p",
    {},
    doubt.answered ? element("b", {}, "Answered: ") : element("b", {}, "Assumed: "),
    sentences(doubt.what, doubt.answered ? answerWords(doubt) : doubt.assumed),
    doubt.where ? element("span", { class: "muted small" }, ` ${doubt.where}`) : "",
    options.file ? element("span", { class: "muted small" }, ` (${options.file})`) : "",
  );
  if (!canChange || !(doubt.choices.length || doubt.option)) return element("li", {}, line);
  return element(
    "li",
    {},
    line,
    element(
      "details",
      {},
      element("summary", {}, doubt.answered ? "Change answer" : "Change assumption"),
      questionOf(doubt, options),
    ),
  );
}

function answerWords({ answer = "", choices }) {
  return choices.find(({ value }) => value === answer)?.words ?? answer;
}

export function isOpen(doubt) {
  return !doubt.assumed && !doubt.answered;
}
