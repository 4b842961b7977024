"""What axe-core finds wrong on a page, in words."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

GRAVE = {"serious", "critical"}


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def findings(page: Page, *, within: str = "html") -> list[str]:
    """Run every rule as the page stands, and those of contrast in the dark, too."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    light = _run(page, within, {})
    page.emulate_media(color_scheme="dark")
    dark = _run(page, within, {"runOnly": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    return [f"light: {words}" for words in light] + [f"dark: {words}" for words in dark]


def _run(page: Page, within: str, options: dict[str, Any]) -> list[str]:
    found = page.evaluate(
        "([within, options]) => axe.run(within, options)",
        [within, {"resultTypes": ["violations"], **options}],
    )
    assert found["passes"], f"nothing was looked at in {within}"
    return [
        f"{one['id']}: {one['help']}, at {[' '.join(map(str, n['target'])) for n in one['nodes']]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]
