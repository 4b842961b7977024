// What every page has: the theme switch, CSRF for htmx. Dialogs open by early.js.

const THEMES = ["system", "light", "dark"];

function currentTheme() {
  return document.documentElement.dataset.theme ?? "system";
}

function applyTheme(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("epochwise.theme", theme);
  } catch {
    // Not remembered then, but still switched for this page.
  }
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

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
