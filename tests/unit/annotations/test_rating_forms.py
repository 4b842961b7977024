"""What the form of a rating study refuses."""

import pytest

from annotations.rating_forms import RatingStudyForm
from annotations.services.scorers import imported_scorer
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
def title_errors(study, sources, raters):  # noqa: F811
    imported_scorer(study=study, label="Ann", provenance={})

    def errors(title: str) -> list[str]:
        data = {
            "title": title,
            "scorings": [sources[0].pk],
            "raters": [raters[0].pk],
            "item_count": 4,
            "repeat_percent": 0,
            "seed": 1,
        }
        return RatingStudyForm(data, study=study).errors.get("title", [])

    return errors


@pytest.mark.parametrize(
    "title", [f"Is the {MODEL_LABEL.upper()} good?", "Ann’s words", "More Anns"]
)
def test_a_title_names_no_scorer_of_the_study_chosen_or_not(title_errors, title):
    assert title_errors(title)


@pytest.mark.parametrize("title", ["First round", "Rationales of annotators"])
def test_a_title_may_hold_a_name_inside_another_word(title_errors, title):
    assert not title_errors(title)
