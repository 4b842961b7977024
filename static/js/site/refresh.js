// A part of a page that htmx asks for again and again: say so where the site no longer answers.

const FAILED = ["htmx:sendError", "htmx:responseError", "htmx:timeout"];

for (const name of FAILED) {
  document.addEventListener(name, ({ detail }) => detail.elt.setAttribute("data-lost", ""));
}
