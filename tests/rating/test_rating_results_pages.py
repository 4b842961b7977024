"""The pages and downloads of a rating study's results, over HTTP."""

import re

import pytest

from annotations.rating.lifecycle import unblind
from tests.helpers.rated_studies import finished_study
from tests.helpers.ratings import give

pytestmark = [pytest.mark.django_db, pytest.mark.long]

ARMS = {"Zanzibar": -0.3, "Quillfeather": 0.35}
SEALED_WORDS = (
    *ARMS, "Hidden-night", "Scorer of", "reference_stage", "scoring", "arm_id", "No reference",
)  # fmt: skip


@pytest.fixture
def closed(study, member):
    return finished_study(study=study, member=member, arms=ARMS, recordings=6)


@pytest.fixture
def client(client_of, lead):
    return client_of(lead)


def paths_of(rating_study):
    page = f"/ratings/{rating_study.pk}/"
    arms = [arm.pk for arm in rating_study.arms.all()]
    return [
        page,
        *(f"{page}?by={way}" for way in ("arm", "stage", "rule", "reference", "place")),
        f"{page}items/",
        f"{page}items/?order=widest",
        f"{page}items/?arm={arms[0]}",
        f"{page}items/?reference=same",
        f"{page}items/?arms={arms[0]}-{arms[1]}",
        f"{page}items.csv",
        f"{page}results.csv",
        f"{page}ratings.csv",
        f"/api/v1/rating-studies/{rating_study.pk}/results/",
    ]


def told_by(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = " ".join(answer.content.decode().split())
    # The places of the study are the same on each of its pages, and one is named Scorings.
    return re.sub(r'<nav class="places".*?</nav>', "", page)


def test_nothing_tells_an_arm_before_unblinding(client, closed):
    for path in paths_of(closed):
        text = told_by(client, path)
        for word in SEALED_WORDS:
            assert word.casefold() not in text.casefold(), (path, word)
        assert not re.search(r"/scorings/\d+", text), path


def test_asking_for_the_items_of_an_arm_finds_none_before_unblinding(client, closed):
    for arm in closed.arms.all():
        page = told_by(client, f"/ratings/{closed.pk}/items/?arm={arm.pk}")
        assert "<h1>0 rated items</h1>" in page


def test_after_unblinding_arms_are_named_compared_and_lead_to_the_epochs(client, closed, lead):
    unblind(rating_study=closed, user=lead, reason="All is rated.")
    page = told_by(client, f"/ratings/{closed.pk}/?by=arm")
    for label in ARMS:
        assert label in page
    assert "Zanzibar minus Quillfeather" in page
    items = told_by(client, f"/ratings/{closed.pk}/items/")
    assert re.search(r"/scorings/\d+/score/\?epoch=\d", items)
    results = client.get(f"/api/v1/rating-studies/{closed.pk}/results/").json()
    assert results["blind"] is False
    assert {row["less_group"] for row in results["results"] if row["part"] == "arms"} == {
        "Quillfeather"
    }


def test_every_count_on_the_page_leads_to_that_many_items(client, closed, lead):
    unblind(rating_study=closed, user=lead, reason="All is rated.")
    for way in ("arm", "reference"):
        page = told_by(client, f"/ratings/{closed.pk}/?by={way}")
        links = re.findall(r'href="([^"]+/items/\?[^"]*)" aria-label="(\d+) items,', page)
        assert len(links) >= 3
        for path, count in links:
            items = told_by(client, path.replace("&amp;", "&"))
            assert re.search(rf"<h1>{count} rated items?</h1>", items), path


def test_the_page_warns_of_few_subjects_and_quotes_both_published_claims(client, closed):
    page = told_by(client, f"/ratings/{closed.pk}/")
    assert "6 subjects: with fewer than 20 subjects" in page
    assert "means 3.75 to 3.96" in page
    assert "above 4.0" in page
    assert "cannot judge" in page


def test_one_rating_of_one_rater_is_shown_with_what_is_missing_and_why(
    client, rating_study, raters
):
    paths = paths_of(rating_study)
    for path in paths:
        told_by(client, path)  # with nothing rated at all
    give(rating_study.items.first().slots.get(rater=raters[0], repeat=0), (4, 4, 5))
    page = told_by(client, paths[0])
    for words in (
        "all rated items come from one subject",
        "Only one rater so far. Agreement needs two",
        "Only one rater so far. Severity",
        "No hidden repeat has been rated yet",
        "Arms are compared after unblinding",
    ):
        assert words in page, words
    for path in paths:
        assert "nan" not in re.findall(r"\bnan\b", told_by(client, path)), path


def test_downloads_are_named_and_are_not_shown_in_the_browser(client, closed):
    for what in ("items", "results", "ratings"):
        answer = client.get(f"/ratings/{closed.pk}/{what}.csv")
        assert answer["Content-Type"].startswith("text/csv")
        assert answer["Content-Disposition"] == (
            f'attachment; filename="rating-study-{closed.pk}-{what}.csv"'
        )


def test_an_unknown_way_or_order_is_answered_with_the_usual_one(client, closed):
    assert 'aria-current="true"> stage' in told_by(client, f"/ratings/{closed.pk}/?by=nonsense")
    assert told_by(client, f"/ratings/{closed.pk}/items/?order=nonsense&page=99")
