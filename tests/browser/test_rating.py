"""Rating by keyboard, and what a lead sees of it afterwards."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from annotations.models import Rating, RatingStudy
from annotations.services.rating_studies import unblind
from tests.ratings import (  # noqa: F401
    MODEL_LABEL,
    draft_rating_study,
    expert,
    give,
    make_night,
    make_rating_study,
    rated_night,
    raters,
    rating_design,
    sources,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rating_study(make_rating_study) -> RatingStudy:  # noqa: F811
    return make_rating_study(item_count=3, repeat_percent=0)


@pytest.fixture
def page(page_of, rating_study, raters) -> Iterator[Page]:  # noqa: F811
    page = page_of(raters[0])
    page.goto(f"/rate/{rating_study.pk}/")
    expect(page.locator("[data-part=rationale]")).not_to_be_empty()
    yield page
    page.wait_for_load_state("networkidle")  # nothing may ask the database after the test


def rate(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_queue_is_rated_without_the_mouse(page, rating_study):
    for place in (1, 2, 3):
        expect(page.locator("[data-part=place]")).to_have_text(f"{place} of 3")
        rate(page, "454")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="All rated. Thank you.")).to_be_visible()
    scores = Rating.objects.values_list(
        "factual_accuracy", "evidence_comprehensiveness", "logical_coherence", "complete"
    )
    assert list(scores) == [(4, 5, 4, True)] * 3


def test_a_low_score_asks_for_a_comment_before_going_on(page):
    rate(page, "2")
    page.keyboard.press("Backspace")
    rate(page, "255")
    page.keyboard.press("Enter")
    comment = page.get_by_label("Comment")
    expect(comment).to_be_focused()
    comment.fill("No spindle there.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-part=place]")).to_have_text("2 of 3")
    expect(page.locator("[data-part=progress]")).to_have_text("1 of 3")


def test_thanks_are_given_only_once_everything_is_saved(page, rating_study):
    may_pass = threading.Event()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT" and not may_pass.is_set():
            held.append(route)
        else:
            route.continue_()

    rate(page, "444")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=place]")).to_have_text("2 of 3")
    rate(page, "444")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=place]")).to_have_text("3 of 3")
    expect(page.locator("[data-part=saved]")).to_contain_text("saved")
    page.route("**/api/v1/rating/**", hold)
    rate(page, "444")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="waiting to be saved")).to_be_visible()
    may_pass.set()
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name="All rated. Thank you.")).to_be_visible()
    assert Rating.objects.filter(complete=True).count() == 3


def test_the_signal_can_be_seen_instead_of_the_image(page):
    expect(page.get_by_role("img", name="The epoch to judge")).to_be_visible()
    page.keyboard.press("m")
    expect(page.locator("[data-part=traces] canvas")).to_have_count(3)
    expect(page.locator("[data-part=images]")).to_be_hidden()


def test_the_bands_of_the_image_are_named_outside_its_pixels(page):
    image = page.get_by_role("img", name="The epoch to judge").bounding_box()
    names = page.get_by_role("list", name="Derivations, from the top").get_by_role("listitem")
    expect(names).to_have_text(["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin"])
    band = image["height"] / 6
    for place, box in enumerate(name.bounding_box() for name in names.all()):
        assert box["x"] + box["width"] <= image["x"]
        middle = box["y"] + box["height"] / 2 - image["y"]
        assert middle == pytest.approx((place + 0.5) * band, abs=2)


def test_a_rating_fits_one_screen(page):
    page.set_viewport_size({"width": 1440, "height": 900})
    fits = "document.documentElement.scrollHeight <= innerHeight"
    assert page.evaluate(fits)
    page.keyboard.press("m")
    expect(page.locator("[data-part=traces]")).to_be_visible()
    assert page.evaluate(fits)


def test_a_phone_folds_the_neighbours(page):
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("[data-part=images] .target")).to_be_visible()
    expect(page.locator("[data-part=images] .next, [data-part=images] .previous")).to_have_count(
        page.locator("[data-part=images] figure:not(.target)").count()
    )
    for other in page.locator("[data-part=images] > :not(.target)").all():
        expect(other).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_results_are_drawn_and_by_source_once_unblinded(page_of, rating_study, lead):
    for item in rating_study.items.all():
        give(item.slots.first(), (4, 5, 4))
    page = page_of(lead)
    page.goto(f"/ratings/{rating_study.pk}/")
    expect(page.locator(".chart .main-svg .bars").first).to_be_attached()
    expect(page.get_by_text(MODEL_LABEL)).to_have_count(0)
    unblind(rating_study=rating_study, user=lead, reason="All rated.")
    page.reload()
    expect(page.get_by_text(re.compile(MODEL_LABEL)).first).to_be_visible()
