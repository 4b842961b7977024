// Loaded in <head> as a plain script, so that no button can be clicked before it is heard: a click
// that comes before the page's modules have run would otherwise open nothing.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener) return;
  const open = () => document.getElementById(opener.dataset.opens)?.showModal();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", open);
  else open();
});
