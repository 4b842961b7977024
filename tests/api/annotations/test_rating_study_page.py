"""The pages on which a lead designs a rating study, sets gold scores and launches it."""

import re

import pytest

from annotations.models import RatingGold, RatingStudy
from tests.ratings import EXPERT_NAME, MODEL_LABEL

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(study) -> str:
    return f"/studies/{study.slug}/ratings/new/"


@pytest.fixture
def asked(sources, raters) -> dict[str, object]:
    arms = {
        f"arm-{scoring.scorer_id}-1": letter for scoring, letter in zip(sources, "AB", strict=True)
    }
    return {
        "title": "First round",
        **arms,
        "reference": f"{sources[0].scorer_id}-1",
        "raters": [rater.pk for rater in raters],
        "item_count": 8,
        "control_percent": 25,
        "raters_per_item": 1,
        "repeat_percent": 0,
        "calibration_count": 1,
        "calibration_pass_percent": 70,
        "seed": 1,
        "same_epochs": "on",
    }


def test_the_page_says_what_is_missing_before_it_asks(client_of, lead, page, request):
    client = client_of(lead)
    assert b"Nothing to rate yet" in client.get(page).content
    request.getfixturevalue("sources")
    assert b"Nobody can rate blind" in client.get(page).content
    request.getfixturevalue("raters")
    offered = client.get(page).content.decode()
    assert EXPERT_NAME in offered
    assert MODEL_LABEL in offered
    assert "rater-1" in offered


def test_a_lead_designs_looks_sets_gold_and_launches(client_of, lead, page, asked):
    client = client_of(lead)
    plan = client.post(page, asked, follow=True)
    draft = RatingStudy.objects.get()
    assert plan.redirect_chain[-1][0] == f"/ratings/{draft.pk}/plan/"
    told = plan.content.decode()
    for words in (
        "The raters are not linked",
        "Below 20",
        "wait for their gold",
        "Known wrong",
        "All arms on the same epochs",
    ):
        assert words in told
    assert b"All have gold" not in plan.content

    assert client.post(f"/ratings/{draft.pk}/launch/").headers["Location"].endswith("/plan/")
    (code,) = draft.items.filter(phase="calibration").values_list("code", flat=True)
    assert code in client.get(f"/ratings/{draft.pk}/gold/").content.decode()
    image = client.get(f"/ratings/{draft.pk}/gold/{code}.png")
    assert image.content.startswith(b"\x89PNG")
    gold = {"factual_accuracy": "2", "feedback": "No such wave."}
    saved = client.post(f"/ratings/{draft.pk}/gold/{code}/", gold)
    assert saved.headers["Location"] == f"/ratings/{draft.pk}/gold/#{code}"
    assert RatingGold.objects.get().scores == {"factual_accuracy": 2}

    launched = client.post(f"/ratings/{draft.pk}/launch/", follow=True)
    assert launched.redirect_chain[-1][0] == f"/ratings/{draft.pk}/"
    assert b"its raters find it" in launched.content
    again = client.post(f"/ratings/{draft.pk}/launch/", follow=True)  # a second click
    assert again.redirect_chain[-1][0] == f"/ratings/{draft.pk}/"
    assert b"was launched" in again.content
    assert client.get(f"/ratings/{draft.pk}/design/").status_code == 404
    assert b"Froze it and gave it to the raters" in again.content


def test_a_design_can_be_changed_until_launch(client_of, lead, page, asked):
    client = client_of(lead)
    client.post(page, {**asked, "calibration_count": 0})
    draft = RatingStudy.objects.get()
    change = f"/ratings/{draft.pk}/design/"
    assert b'value="First round"' in client.get(change).content
    client.post(change, {**asked, "calibration_count": 0, "raters_per_item": 2, "item_count": 6})
    draft.refresh_from_db()
    assert draft.items.count() == 6
    assert b"not linked" not in client.get(f"/ratings/{draft.pk}/plan/").content
    client.post(f"/ratings/{draft.pk}/discard/")
    assert not RatingStudy.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": f"Is {MODEL_LABEL} right?"}, "it names"),
        ({"raters": []}, "required"),
        ({"item_count": 0}, "greater than or equal to 1"),
        ({"repeat_percent": 90}, "less than or equal to 30"),
        ({"raters_per_item": 3}, "You chose 2 raters"),
    ],
)
def test_what_cannot_be_is_told_and_the_rest_stays_filled_in(
    client_of, lead, page, asked, change, said
):
    answer = client_of(lead).post(page, {**asked, "seed": 4711, **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert b'value="4711"' in answer.content
    assert not RatingStudy.objects.exists()


def test_unblinding_asks_for_a_reason(client_of, lead, rating_study):
    client = client_of(lead)
    address = f"/ratings/{rating_study.pk}/unblind/"
    assert b"Say why" in client.post(address, {"reason": " "}, follow=True).content
    told = client.post(address, {"reason": "All ratings are in."}, follow=True).content.decode()
    assert re.search(r"unblinded the study\.\s*<q><bdi>All ratings are in", told)
