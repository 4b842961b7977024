"""Whether every control can be reached: none off the screen, none under something else."""

from playwright.sync_api import Page, ViewportSize

# A laptop at 200 % has half its pixels each way; then a small screen, and a phone.
SIZES: dict[str, ViewportSize] = {
    "zoomed": {"width": 720, "height": 450},
    "small": {"width": 1024, "height": 768},
    "phone": {"width": 390, "height": 844},
}

UNREACHED = """() => {
  const root = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const wide = document.documentElement.scrollWidth - innerWidth;
  const controls = [...root.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(".skip"));
  // What only a script can scroll to is out of reach; a long name that ends in dots is not.
  const isCut = (node) => {
    if (!node) return false;
    const style = getComputedStyle(node === document.documentElement ? document.body : node);
    const cut = (node.scrollTop && style.overflowY === "hidden")
      || (node.scrollLeft && style.overflowX === "hidden");
    return (cut && style.textOverflow !== "ellipsis") || isCut(node.parentElement);
  };
  const isReached = (node) => {
    node.scrollIntoView({ block: "center", inline: "center" });
    const { left, top, width, height } = node.getBoundingClientRect();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    const isOnTop = node.contains(there) || node.closest("label")?.contains(there);
    return !isCut(node.parentElement) && left >= -1 && left + width <= innerWidth + 1 && isOnTop;
  };
  const name = (node) => (node.textContent || node.ariaLabel || node.name).trim();
  const lost = controls.filter((node) => !isReached(node)).map(name);
  scrollTo(0, 0);
  return wide > 0 ? [`${wide} px too wide`, ...lost] : lost;
}"""


def unreached(page: Page) -> dict[str, list[str]]:
    """Name, by window, the controls that lie off the screen or under others."""
    lost: dict[str, list[str]] = {}
    for name, size in SIZES.items():
        page.set_viewport_size(size)
        lost[name] = page.evaluate(UNREACHED)
    return {name: controls for name, controls in lost.items() if controls}
