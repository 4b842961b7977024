// Rows of a list that are chosen over several of its pages. Those of other pages wait in a hidden field.

import { setText } from "../site/dom.js";

const list = () => document.getElementById("rows");
const part = (name) => document.querySelector(`[data-part="${name}"]`);

function attach(form) {
  const chosen = new Set();
  let allOf = null; // The query of which all rows are chosen, on whichever page.
  let last = null;

  const boxes = () => [...form.querySelectorAll('input[name="row"]')];
  const isAll = () => allOf !== null && allOf === list().dataset.query;

  function show() {
    for (const box of boxes()) {
      box.checked = isAll() || chosen.has(box.value);
      box.disabled = isAll();
    }
    const count = isAll() ? Number(list().dataset.total) : chosen.size;
    part("rows").value = [...chosen].join(",");
    setText(part("count"), count ? `${count} chosen` : "Choose rows to act on several at once.");
    part("clear").hidden = count === 0;
    if (part("all")) part("all").checked = isAll();
    showPageBox();
    for (const button of form.querySelectorAll("button[formaction]")) button.disabled = count === 0;
  }

  function showPageBox() {
    const box = part("page");
    if (!box) return;
    const here = boxes();
    const checked = here.filter((row) => row.checked).length;
    box.hidden = false;
    box.disabled = isAll();
    box.checked = checked > 0 && checked === here.length;
    box.indeterminate = checked > 0 && checked < here.length;
  }

  function choose(box, isChosen) {
    if (isChosen) chosen.add(box.value);
    else chosen.delete(box.value);
  }

  /** With Shift, all rows since the last one as well. */
  function chooseUpTo(box, isRange) {
    const here = boxes();
    const [from, to] = [here.indexOf(last), here.indexOf(box)].sort((a, b) => a - b);
    const range = isRange && from >= 0 ? here.slice(from, to + 1) : [box];
    for (const row of range) choose(row, box.checked);
    last = box;
  }

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name === "row") chooseUpTo(box, event.shiftKey);
    else if (box === part("page")) for (const row of boxes()) choose(row, box.checked);
    else if (box === part("all")) allOf = box.checked ? list().dataset.query : null;
    else if (box === part("clear")) {
      chosen.clear();
      allOf = null;
    } else return;
    show();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "rows" && event.target.id !== "rows") return;
    if (!isAll()) allOf = null;
    part("sort").value = list().dataset.sort;
    part("view-query").value = list().dataset.query;
    show();
  });

  show();
}

// Only who may act on rows has a form for it.
if (part("rows")) attach(document.querySelector("[data-chosen]"));
