// What every page has: theme switch, side navigation, help, CSRF for htmx, keys for wide tables. Dialogs open by
// early.js.

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
// or somebody else is signed in, and each night after some days. A page that does not know who it is leaves them.

const NIGHTS = "epochwise.nights";

/** An entry that cannot be read is nobody's. */
function nightsIn(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function forgetNights() {
  const { user } = document.documentElement.dataset;
  try {
    const text = localStorage.getItem(NIGHTS);
    if (text === null || user === undefined) return;
    const { user: owner, untilMs } = nightsIn(text);
    const times = Object.entries(untilMs ?? {});
    const staying = times.filter(([, ms]) => owner === user && ms > Date.now());
    if (!staying.length) forgetAll(text);
    else if (staying.length < times.length) forgetSome(user, staying, times);
  } catch {
    // Storage is forbidden, so nothing is kept.
  }
}

/** The entry goes once the signals are gone: until then every page tries again. */
function forgetAll(text) {
  indexedDB.deleteDatabase("epochwise-nights").onsuccess = () => {
    if (localStorage.getItem(NIGHTS) === text) localStorage.removeItem(NIGHTS);
  };
}

function forgetSome(user, staying, times) {
  const opening = indexedDB.open("epochwise-nights");
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onsuccess = () => {
    const blocks = opening.result.transaction("blocks", "readwrite").objectStore("blocks");
    const over = times.filter((time) => !staying.includes(time)).map(([recording]) => `${user}/${recording}/`);
    over.forEach((prefix) => blocks.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
    blocks.transaction.oncomplete = () => {
      localStorage.setItem(NIGHTS, JSON.stringify({ user, untilMs: Object.fromEntries(staying) }));
      opening.result.close();
    };
  };
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

// Parts that ask for themselves pause while nobody can see them, and ask at once when the page is shown again.

document.addEventListener("htmx:beforeRequest", (event) => {
  const pauses = event.detail.elt.hasAttribute("data-pauses");
  if (pauses && (document.hidden || !navigator.onLine)) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  document.querySelectorAll("[data-pauses]").forEach((part) => window.htmx.trigger(part, "shown"));
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

// Help and tours come when somebody wants them. Without its module, for example without a network, the link to the
// help still leads to its page.

const { helpModule, tourModule } = document.body.dataset;
const WRITES = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

async function toggleHelp(link) {
  try {
    const { toggleHelp: toggle } = await import(helpModule);
    toggle();
  } catch {
    location.assign(link.href);
  }
}

async function startTour(button) {
  try {
    const { startTour: start } = await import(tourModule);
    await start(button.dataset.tour);
  } catch {
    button.textContent = "The tour could not be loaded. Try again";
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-help-open]");
  const tour = event.target.closest("[data-tour]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    toggleHelp(link);
  }
  if (tour) startTour(tour);
});

document.addEventListener("keydown", (event) => {
  const link = document.querySelector("[data-help-open]");
  if (event.key !== "?" || !link || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (document.querySelector("dialog:modal") || event.target.closest(WRITES)) return;
  event.preventDefault();
  toggleHelp(link);
});

for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ detail: { target } }) => {
    if (!target?.matches("[data-help-text]")) return;
    target.textContent = "The help could not be loaded. Your work is safe. Close the help and open it again.";
  });
}
