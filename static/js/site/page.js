// What every page has: the theme switch, the side navigation of a study, CSRF for htmx. Dialogs open by early.js.

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
