"""A rating study from its design to its launch, and its unblinding, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from annotations.rating.lifecycle import LAUNCHES
from annotations.rating.models import RatingStudy
from tests.helpers.ratings import (
    MODEL_LABEL,
)

pytestmark = pytest.mark.django_db(transaction=True)


def reach(page: Page, name: str, role: str = "button") -> None:
    """Tab on to what bears the name."""
    wanted = page.get_by_role(role, name=name, exact=True).last
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_a_study_is_designed_launched_and_unblinded(page_of, study, lead, sources, raters):
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/ratings/new/")
    reach(page, "Title", "textbox")
    page.keyboard.type("Which words hold?")
    for scoring, letter in zip(sources, "AB", strict=True):
        page.get_by_label(scoring.scorer.label).focus()
        page.keyboard.type(f"arm {letter}")
    page.get_by_label("Calibration items").fill("1")
    page.get_by_label("Number of rationales").fill("10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Workload by rater")).to_be_visible()
    expect(page.get_by_text("1 subject.")).to_be_visible()

    reach(page, "Set reference scores", "link")
    page.keyboard.press("Enter")
    reach(page, "Factual accuracy", "combobox")
    page.keyboard.type("1")
    page.get_by_label("Feedback for raters").fill("There is no such wave.")
    reach(page, "Save reference scores")
    page.keyboard.press("Enter")
    expect(page.get_by_text("reference scores saved")).to_be_visible()
    page.get_by_role("link", name="Back to plan").press("Enter")
    reach(page, "Launch study")
    page.keyboard.press("Enter")
    reach(page, "Launch study")
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar", name="Items frozen")).to_be_visible()
    expect(page.get_by_role("button", name="Launch")).to_have_count(0)
    LAUNCHES.run(RatingStudy.objects.get().pk)
    expect(page.get_by_role("heading", name="No ratings yet")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(MODEL_LABEL)).to_have_count(0)

    reach(page, "Unblind study")
    page.keyboard.press("Enter")
    page.get_by_label("Reason").fill("A test of the act.")
    reach(page, "Unblind study")
    page.keyboard.press("Enter")
    expect(page.locator("q", has_text="A test of the act.")).to_be_visible()
    made = RatingStudy.objects.get()
    assert (made.unblinded_by, made.unblind_reason) == (lead, "A test of the act.")
    assert {rater.rating_slots.exists() for rater in raters} == {True}
