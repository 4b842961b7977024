// Doubts as questions with answers, and as assumptions that can be changed.

import { element } from "../site/dom.js";

let made = 0;

/** A form for a doubt; `answer({value, same_labels, all, keep})` sends what a person chose. */
export function questionOf(doubt, { answer, scopes }) {
  made += 1;
  const name = `doubt-${made}`;
  const fields = doubt.choices.length ? choicesOf(doubt, name) : [freeAnswer(doubt, name)];
  const extras = scopes.map(({ key, words }) => scopeBox(key, words));
  const error = element("p", { class: "field__errors", role: "alert", hidden: true });
  const form = element(
    "form",
    { class: "intake-question", "data-key": `doubt-${doubt.code}` },
    element(
      "fieldset",
      {},
      element("legend", {}, doubt.what),
      doubt.where && element("p", { class: "muted small intake-where" }, doubt.where),
      ...fields,
      ...extras.map(({ label }) => label),
    ),
    error,
    element("button", { class: "button" }, "Save answer"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = new FormData(form).get(name)?.trim() ?? "";
    error.hidden = Boolean(value);
    error.textContent = value ? "" : "Choose or type an answer.";
    if (!value) return;
    try {
      await answer({ value, ...Object.fromEntries(extras.map(({ key, box }) => [key, box.checked])) });
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    }
  });
  return form;
}

function choicesOf(doubt, name) {
  return doubt.choices.map(({ value, words }) =>
    element(
      "label",
      { class: "intake-choice" },
      element("input", { type: "radio", name, value, required: true }),
      words,
    ),
  );
}

function freeAnswer(doubt, name) {
  const example = doubt.option.replace(/^--[\w-]+\s*/, "").replaceAll('"', "");
  return element(
    "label",
    { class: "field" },
    "Answer ",
    element("input", { name, autocomplete: "off", maxlength: 200, placeholder: example && `such as ${example}` }),
  );
}

function scopeBox(key, words) {
  const box = element("input", { type: "checkbox", name: key });
  return { key, box, label: element("label", { class: "intake-choice" }, box, words) };
}

/** What is assumed or was answered, in a line that opens to the question. */
export function assumptionOf(doubt, { canChange, ...options }) {
  const words = doubt.answered ? `${doubt.what} ${doubt.assumed || "Answered."}` : `${doubt.what} ${doubt.assumed}`;
  const line = element(
    "p",
    {},
    words,
    doubt.where ? element("span", { class: "muted small" }, ` ${doubt.where}`) : "",
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

export function isOpen(doubt) {
  return !doubt.assumed && !doubt.answered;
}
