"""The overview and the side navigation, by keyboard alone."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.scoring.scorings import close_scoring
from recordings.models import Recording
from tests.helpers.accessibility import findings

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_finds_what_waits_and_every_place_by_keyboard(page_of, lead, scoring):
    close_scoring(scoring=scoring)
    Recording.objects.update(state=Recording.State.FAILED)
    study = scoring.study
    page: Page = page_of(lead, color_scheme="light", reduced_motion="reduce")
    page.goto(reverse("study", args=[study.slug]))
    finding = page.get_by_role("heading", name="1 scoring finished in the last 4 weeks")
    expect(finding).to_be_visible()
    expect(page.locator("#weeks .js-plotly-plot .main-svg").first).to_be_visible()
    page.locator("#weeks summary").press("Enter")
    expect(page.locator("#weeks td").last).to_have_text("1")
    assert findings(page) == []
    needs = page.get_by_role("region", name="Needs you").get_by_role("link")
    expect(needs).to_have_text("1 recording whose import failed")

    page.get_by_role("button", name="Narrow menu").press("Enter")
    page.get_by_role("link", name="Audit trail").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit trail")
    expect(page.get_by_role("button", name="Widen menu")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    places = page.get_by_role("navigation", name=study.title)
    expect(places).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(places).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(places).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    places.get_by_role("link", name="Settings").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
