// Loaded in <head> before the first paint, so a remembered theme never flashes the other one.
(function () {
  let theme = null;
  try {
    theme = localStorage.getItem("epochwise.theme");
  } catch {
    // Storage may be forbidden; the system's preference then stands.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
