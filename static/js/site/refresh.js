// A part of a page that htmx asks for again and again: say so where the site no longer answers.

const FAILED = ["htmx:sendError", "htmx:responseError", "htmx:timeout"];

for (const name of FAILED) {
  document.addEventListener(name, ({ detail }) => detail.elt.setAttribute("data-lost", ""));
}

// After the session has ended the answer is the page to sign in. What is shown stays.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap) return;
  if (detail.xhr.responseText.includes(`id="${detail.target.id}"`)) return;
  detail.shouldSwap = false;
  detail.target.setAttribute("data-lost", "");
});
