"""The text for a paper has the numbers of the page in it, and says what is missing."""

import pytest

from annotations.rating.lifecycle import unblind
from annotations.rating.methods import methods_text
from annotations.rating.results import results_of
from tests.helpers.rated_studies import finished_study
from tests.helpers.ratings import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(study, member):
    return finished_study(study=study, member=member, recordings=8, repeat_every=4)


def test_the_text_has_the_numbers_of_the_page(closed, lead):
    results = results_of(unblind(rating_study=closed, user=lead, reason="All is rated."))
    text = "\n".join(methods_text(results))
    overall, first = results.overall, results.differences[0]
    icc = results.agreement[0].rows[0].cells[0]
    for words in (
        f"{overall.items} rationales from 8 recordings of 8 subjects",
        "3 raters",
        "Items were drawn within strata of stage",
        "those of the population are not known",
        "Raters are fixed",
        "in the form for unequal numbers of ratings",
        "In simulated studies of 8 subjects",
        f"{overall.cannot_judge} of them said “cannot judge”",
        f"{overall.cells[0].mean.words} for factual accuracy",
        "1000 draws of whole subjects, each with all of their recordings, with seed 1",
        "fewer than 20, such intervals run narrow",
        f"ICC(A,1): {icc.words} for factual accuracy",
        f"One less Two: {first.difference.words}",
        "Holm’s method over all 3 comparisons",
    ):
        assert words in text, words
    assert "nan" not in text
    assert "None" not in text


def test_the_text_of_a_blind_study_names_no_arm(closed):
    text = "\n".join(methods_text(results_of(closed)))
    assert "Arms are compared after unblinding." in text
    assert "One less Two" not in text


def test_what_is_missing_is_said_in_the_text(rating_study, raters):
    give(rating_study.items.first().slots.filter(rater=raters[0], repeat=0).get(), (4, 4, 5))
    text = "\n".join(methods_text(results_of(rating_study)))
    for words in (
        "1 rationale from 1 recording of 1 subject was rated by 1 rater",
        "Rating was still under way: 1 of 22 ratings were complete",
        "No intervals",
        "Only one rater so far",
        "No hidden repeat has been rated yet",
    ):
        assert words in text, words
