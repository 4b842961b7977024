// Loaded in <head> as a plain script, before the first paint and before any module.

// A remembered theme never flashes the other theme, and a narrow side navigation not the wide one.

(function () {
  let theme = null;
  let places = null;
  try {
    theme = localStorage.getItem("epochwise.theme");
    places = localStorage.getItem("epochwise.places");
  } catch {
    // Storage may be forbidden; the system's preference then stands.
  }
  if (places === "narrow") document.documentElement.dataset.places = places;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();

// Buttons that open dialogs: a click that comes before the modules of the page have run would otherwise open nothing.

(function () {
  function open(id) {
    document.getElementById(id)?.showModal();
  }

  document.addEventListener("click", (event) => {
    const id = event.target.closest("[data-opens]")?.dataset.opens;
    if (!id) return;
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => open(id));
    else open(id);
  });

  document.addEventListener("click", async (event) => {
    const module = event.target.closest("[data-keys]")?.dataset.keys;
    if (!module) return;
    const { openMyKeys } = await import(module);
    openMyKeys();
  });
})();
