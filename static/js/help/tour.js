// A tour of the page: driver.js shows step after step, and the server remembers that it was seen.

import { element } from "../site/dom.js";
import { json } from "../site/server.js";

const VENDOR = "../../vendor/driver.min.js";
const STYLES = ["../../vendor/driver.css", "../../css/tour.css"];
// What the browser does with these goes on: they press the buttons of a step, or are the browser's own.
const OF_BROWSER = /^(Enter| |F\d+)$/;

/** No key acts on the page behind a tour: a letter gives a stage there. Must be the first to hear of keys. */
export function holdKeys(event) {
  if (event.key === "Tab") return; // driver.js keeps the focus on the step
  event.stopImmediatePropagation();
  const isHeldDown = event.ctrlKey || event.metaKey || event.altKey;
  if (!isHeldDown && !OF_BROWSER.test(event.key)) event.preventDefault();
}

function addStyle(path) {
  const href = new URL(path, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return null;
  const link = element("link", { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve) => ["load", "error"].forEach((name) => link.addEventListener(name, resolve)));
}

/** What is on the page now; a scoring without rationale, for example, has no field for it. */
function isThere({ target }) {
  return document.querySelector(target)?.checkVisibility() ?? false;
}

const NOTHING = {
  popover: {
    title: "Nothing to show yet",
    description: "The parts that this tour is about are not on the page yet. They appear with the first entries.",
  },
};

function stepOf({ target, title, text }) {
  return { element: target, popover: { title, description: text } };
}

let isOpen = false;

/** `address` gives the steps, and is where the end of the tour is sent to. A second click opens no second tour. */
export async function startTour(address) {
  if (isOpen) return;
  isOpen = true;
  try {
    await show(address);
  } catch (error) {
    isOpen = false;
    throw error;
  }
}

async function show(address) {
  const [{ steps }, { driver }] = await Promise.all([json(address), import(VENDOR), ...STYLES.map(addStyle)]);
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const opener = document.activeElement;
  const present = steps.filter(isThere).map(stepOf);
  const tour = driver({
    steps: present.length ? present : [NOTHING],
    animate: false, smoothScroll: false, disableActiveInteraction: true, popoverClass: "tour",
    overlayClickBehavior: () => {}, overlayOpacity: 0.45, stagePadding: 4, stageRadius: 4,
    showProgress: true, progressText: "{{current}} of {{total}}",
    nextBtnText: "Next", prevBtnText: "Back", doneBtnText: "Finish tour",
    onPopoverRender: ({ closeButton }) => closeButton.setAttribute("aria-label", "End tour"),
    onHighlighted: (_element, _step, { state }) => state.popover.nextButton.focus(),
    onDestroyed: () => end(present.length ? address : null, opener),
  });
  window.addEventListener("keydown", holdKeys, true);
  tour.drive();
}

function end(address, opener) {
  isOpen = false;
  window.removeEventListener("keydown", holdKeys, true);
  opener?.focus();
  if (!address) return;
  document.querySelector("[data-tour-offer]")?.remove();
  // Not remembered without a network: the tour is offered again.
  json(address, "POST", {}).catch(() => {});
}
