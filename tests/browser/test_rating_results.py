"""The figures of a rating study's results."""

import pytest
from playwright.sync_api import expect

from tests.ratings import (  # noqa: F401
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

OVERHANG = """() => [...document.querySelectorAll('.chart')].filter(
  (chart) => chart.querySelector('.main-svg').getBoundingClientRect().width > chart.clientWidth + 1
).length"""


def test_figures_stand_beside_one_another_without_overlap(page_of, make_rating_study, lead):  # noqa: F811
    rating_study = make_rating_study(item_count=2, repeat_percent=0)
    give(rating_study.items.first().slots.first(), (4, 5, 4))
    page = page_of(lead)
    page.goto(f"/ratings/{rating_study.pk}/")
    expect(page.locator(".chart .main-svg .bars")).to_have_count(3)
    assert page.evaluate(OVERHANG) == 0
