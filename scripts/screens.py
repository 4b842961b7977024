"""Draw the screenshots of the README and the tutorials from a fresh demo site: `make screens`."""

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from psg.simulate import simulate_night, write_mass_files
from scripts.tutorials import blocks, press_keys
from tests.helpers.running_site import ROOT, RunningSite

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1440, "height": 900}
BEGUN_EPOCH = 36
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


def sign_in(browser: Browser, site: RunningSite, username: str, scheme: str) -> Page:
    context = browser.new_context(base_url=site.url, viewport=SIZE, color_scheme=scheme)
    page = context.new_page()
    page.goto("/login/")
    page.locator(f"form:has(input[value={username}]) button").click()
    page.wait_for_url(f"{site.url}/")
    return page


def begun_night(page: Page) -> None:
    page.get_by_role("link", name="Continue scoring").click()
    page.wait_for_selector("[data-workbench][data-ready]")


def workbench(page: Page) -> None:
    begun_night(page)
    page.goto(f"{page.url.split('?')[0]}?epoch={BEGUN_EPOCH}")
    page.wait_for_selector("[data-workbench][data-ready]")
    page.keyboard.press("2")


def rating(page: Page) -> None:
    page.get_by_role("link", name="Start rating").click()
    page.locator("[data-part=rationale]").wait_for()


def recording(page: Page) -> None:
    page.get_by_role("link", name="Demo study").click()
    page.get_by_role("link", name="01-09-0001").click()
    page.get_by_text("Sleep statistics").wait_for()


def intake(page: Page) -> None:
    """Fill a queue with nights and stage files; a stage file leaves its first epoch open."""
    page.set_viewport_size({**SIZE, "height": 1600})
    page.goto("/studies/demo/intake/")
    page.locator("[data-drop=ready]").wait_for()
    with tempfile.TemporaryDirectory() as folder:
        page.get_by_label("choose files").set_input_files(files_of_nights(Path(folder)))
        page.get_by_text("8 files uploaded", exact=True).wait_for()
    page.get_by_text("4 recordings: 3 ready, 1 with questions").wait_for(timeout=120_000)
    page.reload()
    page.get_by_label("C4-M1: channel").wait_for()


def files_of_nights(folder: Path) -> list[Path]:
    files = []
    for number in range(1, 5):
        name = f"S0{(number + 1) // 2}_N{2 - number % 2}"
        files.append(write_mass_files(simulate_night(hours=0.5, seed=number), folder).psg)
        files[-1] = files[-1].rename(folder / f"{name}.edf")
        first = 1 if number == 1 else 0
        rows = "".join(f"{first + epoch},N2\n" for epoch in range(59))
        files.append(folder / f"{name}_anna.csv")
        files[-1].write_text(f"epoch,stage\n{rows}")
    return files


def home(page: Page) -> None:
    page.set_viewport_size({**SIZE, "height": 400})  # the rest of the page is empty
    page.get_by_role("heading", name="Your work").wait_for()


def evidence(page: Page) -> None:
    """Press the first keys of the annotator's tutorial, and go back to the event they marked."""
    begun_night(page)
    press_keys(page, blocks("first-hour-annotator", "keys")[0])
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(5000)  # until the hint has disappeared


# Pictures of the README in light and dark: user name and scene.
SCENES = {
    "workbench": ("annotator", workbench),
    "rating": ("rater", rating),
    "recording": ("lead", recording),
    "intake": ("lead", intake),
}
# Pictures of the tutorials, light only. Later scenes need the changes of earlier scenes.
TUTORIAL_SCENES = {
    "first-hour-home": ("annotator", home),
    "first-hour-workbench": ("annotator", begun_night),
    "first-hour-evidence": ("annotator", evidence),
    "first-hour-recording": ("lead", recording),
}


def draw(browser: Browser, site: RunningSite) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (username, walk) in TUTORIAL_SCENES.items():
        picture(sign_in(browser, site, username, "light"), walk, name)
    for name, (username, walk) in SCENES.items():
        for scheme in ("light", "dark"):
            page = sign_in(browser, site, username, scheme)
            picture(page, walk, f"{name}-{scheme}")


def picture(page: Page, walk: Callable[[Page], None], name: str) -> None:
    """Open a scene and save a screenshot.

    256 colours need a third of the bytes; k-means keeps the colours of the stages.
    """
    walk(page)
    page.wait_for_timeout(1000)  # until the last image is loaded and the hints have disappeared
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(256, kmeans=2).save(IMAGES / f"{name}.png", optimize=True)
    page.context.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="epochwise-screens-") as var:
        Path(var).chmod(0o755)
        site = RunningSite(Path(var))
        try:
            output = site.start("--demo").stdout
            assert output is not None
            next(line for line in output if site.url in line)  # printed when the demo is complete
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=os.environ.get("CHROMIUM"), args=CHROMIUM_ARGS
                )
                draw(chromium, site)
        finally:
            site.stop()


if __name__ == "__main__":
    main()
