"""The overview of a recording and its signals in the browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from studies.models import Role
from tests.helpers.accessibility import findings
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_viewer_looks_at_the_night_and_its_signals_before_anybody_scores(
    page_of, member, study, hour_night
):
    page: Page = page_of(member(study, Role.VIEWER), color_scheme="light", reduced_motion="reduce")
    page.goto(f"/recordings/{hour_night.pk}/")
    expect(page.locator("[data-axis] .main-svg").first).to_be_visible()
    page.get_by_label("Epoch").fill("5")
    page.get_by_role("button", name="View signals of epoch").press("Enter")
    expect(page.locator("[data-signals][data-ready]")).to_be_visible()
    expect(page.locator("[data-part=epoch]")).to_have_text("epoch 5 of 120")
    expect(page.locator("canvas[data-waiting]")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-part=epoch]")).to_have_text("epoch 6 of 120")
    page.keyboard.press("w")  # nothing can be staged here
    page.get_by_label("Epoch or time").fill("999")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This recording has no such epoch.")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="Close signals").click()

    stages = ["W", "N1", "N2", "N3", "R"]
    for n in range(4):
        finished_scoring(
            hour_night, f"Scorer {n}", [stages[(e // 6 + n // 3) % 5] for e in range(120)]
        )
    page.reload()
    more = page.get_by_role("button", name="Show 2 more scorers")
    more.press("Enter")
    expect(page.get_by_role("button", name="Show fewer scorers")).to_have_attribute(
        "aria-expanded", "true"
    )
    expect(page.locator(".yaxislayer-above").get_by_text("Scorer 3")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    figure = page.locator("[data-axis] .main-svg").first
    expect(figure).to_have_attribute("width", re.compile(r"^3\d\d(\.|$)"))
    page.get_by_role("button", name="Earlier").click()  # not under the figure
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(figure).to_have_attribute("width", re.compile(r"^1\d{3}"))
    page.get_by_role("button", name="Whole recording").click()
    page.get_by_role("button", name="Zoom in").press("Enter")
    assert findings(page) == []
    box = page.locator("[data-axis] .draglayer .nsewdrag").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 110)
    page.wait_for_url(re.compile(r"/scorings/\d+/score/\?epoch=6\d"))
