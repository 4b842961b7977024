// A check that is waiting or running changes by itself: look again until it has ended.

const EVERY_MS = 3000;

if (document.querySelector("[data-check-live]")) {
  const again = () => (document.hidden ? setTimeout(again, EVERY_MS) : location.reload());
  setTimeout(again, EVERY_MS);
}
