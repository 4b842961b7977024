// Every table of the site can be had as csv, as it is seen, and says so where it is one page of several. Lists of many
// pages have a link of their own, by which the server writes all pages.

// Dialogs and the desks for scoring and rating hold no tables of data.
export const WITHOUT_CSV = "main.page table.table:not([data-has-csv])";
const STARTS_FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+([.,]\d+)?%?$/;

function textOf(cell) {
  const entry = cell.querySelector("select, textarea, input:not([type=checkbox], [type=radio], [type=hidden])");
  return (entry?.value ?? cell.innerText).replaceAll("−", "-").replace(/\s+/g, " ").trim();
}

/** Safe in a spreadsheet: a text that would start a formula begins with an apostrophe. */
export function csvCell(text) {
  const safe = STARTS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvOf(table) {
  const lines = [...table.rows].map((row) =>
    [...row.cells].flatMap((cell) => [csvCell(textOf(cell)), ...Array(cell.colSpan - 1).fill("")]).join(","),
  );
  return `${lines.join("\n")}\n`;
}

function nameOf(table) {
  const heading = table.closest("section")?.querySelector("h2, h3") ?? document.querySelector("h1");
  const words = `${document.querySelector("h1")?.textContent ?? ""} ${heading?.textContent ?? ""}`.toLowerCase();
  const parts = words.match(/[\p{L}\p{N}]+/gu) ?? ["table"];
  return `${[...new Set(parts)].join("-").slice(0, 80)}.csv`;
}

function download(table) {
  const address = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = nameOf(table);
  link.click();
  URL.revokeObjectURL(address);
}

export function offerCsv(root) {
  for (const table of root.querySelectorAll(WITHOUT_CSV)) {
    table.dataset.hasCsv = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button muted small table-csv";
    const isPart = table.closest("section")?.querySelector("nav.pages");
    button.textContent = isPart ? "This page as csv" : "Table as csv";
    button.addEventListener("click", () => download(table));
    (table.closest(".table-scroll") ?? table).after(button);
  }
}
