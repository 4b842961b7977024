"""The page on which a lead makes a rating study."""

import pytest

from annotations.models import RatingStudy
from tests.ratings import (  # noqa: F401
    MODEL_LABEL,
    expert,
    make_night,
    rated_night,
    raters,
    sources,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(study) -> str:
    return f"/studies/{study.slug}/ratings/new/"


@pytest.fixture
def design(sources, raters) -> dict[str, object]:  # noqa: F811
    return {
        "title": "First round",
        "scorings": [scoring.pk for scoring in sources],
        "raters": [rater.pk for rater in raters],
        "item_count": 4,
        "repeat_percent": 0,
        "seed": 1,
    }


def test_the_page_says_what_is_missing_before_it_asks(client_of, lead, page, request):
    client = client_of(lead)
    assert b"Nothing to rate yet" in client.get(page).content
    request.getfixturevalue("sources")
    assert b"Nobody can rate blind" in client.get(page).content
    request.getfixturevalue("raters")
    offered = client.get(page).content.decode()
    assert "20 rationales" not in offered
    assert offered.count("10 rationales") == 2
    assert "rater-1" in offered


def test_a_lead_makes_a_study_and_lands_on_its_results(client_of, lead, page, design):
    answer = client_of(lead).post(page, design, follow=True)
    made = RatingStudy.objects.get()
    assert answer.redirect_chain[-1][0] == f"/ratings/{made.pk}/"
    assert made.items.count() == 4
    assert b"frozen and wait for their raters" in answer.content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": f"Is {MODEL_LABEL} right?"}, "it names"),
        ({"raters": []}, "required"),
        ({"item_count": 0}, "greater than or equal to 1"),
        ({"repeat_percent": 90}, "less than or equal to 30"),
    ],
)
def test_what_cannot_be_is_told_and_the_rest_stays_filled_in(
    client_of, lead, page, design, change, said
):
    answer = client_of(lead).post(page, {**design, "seed": 4711, **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert b'value="4711"' in answer.content
    assert not RatingStudy.objects.exists()
