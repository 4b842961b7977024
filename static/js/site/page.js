// What every page has: theme switch, side navigation, CSRF for htmx, keys for wide tables. Dialogs open by early.js.

const THEMES = ["system", "light", "dark"];

function currentTheme() {
  return document.documentElement.dataset.theme ?? "system";
}

function remember(name, value) {
  try {
    localStorage.setItem(`epochwise.${name}`, value);
  } catch {
    // Not remembered then, but still switched for this page.
  }
}

function applyTheme(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  remember("theme", theme);
  document.dispatchEvent(new CustomEvent("themechange"));
}

function attachThemeSwitch(button) {
  const label = () => (button.textContent = `Theme: ${currentTheme()}`);
  label();
  button.addEventListener("click", () => {
    applyTheme(THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]);
    label();
  });
}

// Signals that this browser keeps for work without a network (saving/nights.js) are one person's: they go when nobody
// or somebody else is signed in, and after some days. A page that does not know who is signed in leaves them.

function forgetNights() {
  const { user } = document.documentElement.dataset;
  try {
    const nights = JSON.parse(localStorage.getItem("epochwise.nights"));
    if (!nights || user === undefined || (nights.user === user && nights.untilMs > Date.now())) return;
    indexedDB.deleteDatabase("epochwise-nights");
    localStorage.removeItem("epochwise.nights");
  } catch {
    // Storage is forbidden, so nothing is kept.
  }
}

forgetNights();

document.querySelectorAll("[data-theme-switch]").forEach(attachThemeSwitch);

function attachFold(button) {
  const { dataset } = document.documentElement;
  const words = button.querySelector(".places__label");
  const label = () => (words.textContent = dataset.places === "narrow" ? "Widen menu" : "Narrow menu");
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    if (dataset.places === "narrow") delete dataset.places;
    else dataset.places = "narrow";
    remember("places", dataset.places ?? "wide");
    label();
  });
}

document.querySelectorAll("[data-places-fold]").forEach(attachFold);

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

// A table that is wider than its place is scrolled by arrow keys as well, once it has the focus.

const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

function watchTables(root) {
  root.querySelectorAll(".table-scroll").forEach((table) => wide.observe(table));
}

watchTables(document);
document.addEventListener("htmx:load", ({ target }) => watchTables(target));

/** Tables get a button for csv. Most pages that load much have none, and no module for it. */
async function offerTablesAsCsv(root) {
  if (!root.querySelector("main.page table.table:not([data-has-csv])")) return;
  const { offerCsv } = await import("./tables.js");
  offerCsv(root);
}

offerTablesAsCsv(document);
document.addEventListener("htmx:afterSettle", () => offerTablesAsCsv(document));
