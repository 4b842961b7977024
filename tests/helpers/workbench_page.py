"""The workbench as a person at the keys sees it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.scoring.models import Scoring
from studies.models import User

SAVE_URL = "**/api/v1/scorings/*/epochs/*/"

# Most tests stage epoch after epoch: for them a stage key goes on, rationale or not.
GO_ON = """
if (!localStorage.getItem("epochwise.display")) {
  localStorage.setItem("epochwise.display", JSON.stringify({ advanceFine: true }));
}
"""


class Workbench:
    """One open workbench page."""

    def __init__(self, page: Page, scoring: Scoring) -> None:
        self.page = page
        self.scoring = scoring

    def open(self, *, epoch: int | None = None, goes_on: bool = True) -> "Workbench":
        if goes_on:
            self.page.add_init_script(GO_ON)
        at = "" if epoch is None else f"?epoch={epoch}"
        self.page.goto(f"/scorings/{self.scoring.pk}/score/{at}")
        self.page.wait_for_selector("[data-workbench][data-ready]")
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def press_when_seen(self, key: str) -> None:
        """Press a key once the signal of the epoch is there: before, no stage is given."""
        self.page.wait_for_selector("body:not([data-unseen])")
        self.press(key)

    def part(self, name: str):
        return self.page.locator(f'[data-part="{name}"]')

    def explain(self, text: str) -> None:
        self.press("e")
        self.page.keyboard.type(text)
        self.press("Escape")

    def expect_state(self, text: str) -> None:
        expect(self.part("saveState")).to_contain_text(text)

    def expect_saved(self) -> None:
        """Wait until the queue is empty; a hundred saves take a while where the machine is busy."""
        expect(self.part("saveState")).to_have_attribute("data-state", "saved", timeout=120_000)

    def expect_epoch(self, number: int) -> None:
        expect(self.part("epoch")).to_have_text(f"epoch {number}")

    def expect_painted(self) -> None:
        """Wait until the epoch's picture is there, and one frame more."""
        self._next_frame()  # until then the canvas speaks of the epoch before
        expect(self.part("traceCanvas")).not_to_have_attribute("data-waiting", "")
        self._next_frame()

    def _next_frame(self) -> None:
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")

    def inked_pixels(self) -> int:
        """Count the pixels that the traces cover."""
        return self.page.evaluate(
            """() => {
              const canvas = document.querySelector('[data-part="traceCanvas"]');
              const context = canvas.getContext("2d");
              const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
              let inked = 0;
              for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
              return inked;
            }"""
        )


def marked_pixels(bench: Workbench) -> int:
    """Add up how strongly the marks of waves cover the signal."""
    return bench.page.evaluate(
        """() => {
          const canvas = document.querySelector('[data-part="marks"]');
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let sum = 0;
          for (let i = 3; i < data.length; i += 4) sum += data[i];
          return sum;
        }"""
    )


@pytest.fixture
def open_workbench(
    page_of: Callable[..., Page], annotator: User, night_scoring: Scoring
) -> Callable[..., Workbench]:
    """Open one hour of a night for its annotator: `open_workbench(epoch=7)`."""
    return lambda **at: Workbench(page_of(annotator), night_scoring).open(**at)
