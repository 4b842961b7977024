// The help beside a page. It is no modal dialog: one reads it while one clicks on the page.

const panel = document.getElementById("help");

panel.addEventListener("click", ({ target }) => {
  if (target.closest("[data-help-close]")) panel.close();
});

// Esc closes what lies on top: menus and modal dialogs do so themselves.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !panel.open) return;
  if (document.querySelector("dialog:modal, :popover-open")) return;
  event.preventDefault();
  panel.close();
});

/** Opens the help with the focus in it, or closes it, which gives the focus back. */
export function toggleHelp() {
  if (panel.open) panel.close();
  else panel.show();
}
