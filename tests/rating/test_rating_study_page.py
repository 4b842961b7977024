"""The pages on which a lead designs a rating study, sets gold scores and launches it."""

import re

import pytest

from annotations.rating.lifecycle import LAUNCHES
from annotations.rating.models import RatingGold, RatingStudy
from tests.helpers.ratings import EXPERT_NAME, MODEL_LABEL

pytestmark = [pytest.mark.django_db, pytest.mark.long]


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
    assert b"No rationales to rate" in client.get(page).content
    request.getfixturevalue("sources")
    assert b"No independent rater" in client.get(page).content
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
    told = " ".join(plan.content.decode().split())
    for words in (
        "The raters are not linked",
        "With fewer than 20",
        "without reference scores",
        "Control items",
        "All arms use the same epochs",
    ):
        assert words in told
    assert b"All items have reference scores" not in plan.content

    plan_page = f"http://testserver/ratings/{draft.pk}/plan/"
    early = client.post(f"/ratings/{draft.pk}/launch/", headers={"referer": plan_page}, follow=True)
    assert early.redirect_chain[-1][0] == plan_page
    assert b"have no reference scores" in early.content
    (code,) = draft.items.filter(phase="calibration").values_list("code", flat=True)
    assert code in client.get(f"/ratings/{draft.pk}/gold/").content.decode()
    image = client.get(f"/ratings/{draft.pk}/gold/{code}.png")
    assert image.content.startswith(b"\x89PNG")
    gold = {"factual_accuracy": "2", "feedback": "No such wave."}
    saved = client.post(f"/ratings/{draft.pk}/gold/{code}/", gold)
    assert saved.headers["Location"] == f"/ratings/{draft.pk}/gold/#{code}"
    assert RatingGold.objects.get().given_scores == {"factual_accuracy": 2}

    launch = f"/ratings/{draft.pk}/launch/"
    assert b"0</span> of 9" in client.post(launch, follow=True).content
    again = client.post(launch, follow=True)  # a second click
    assert b"is being launched" in again.content
    assert b"Rationales, images and signals are frozen" not in again.content
    assert "HX-Refresh" not in client.get(f"{launch}progress/").headers
    LAUNCHES.run(draft.pk)
    assert client.get(f"{launch}progress/").headers["HX-Refresh"] == "true"
    launched = client.get(f"/ratings/{draft.pk}/plan/", follow=True)
    assert launched.redirect_chain[-1][0] == f"/ratings/{draft.pk}/"
    assert b"Launched" in launched.content
    assert b"is already launched" in client.post(launch, follow=True).content
    assert client.get(f"/ratings/{draft.pk}/design/").status_code == 404


def test_nothing_of_a_study_changes_while_it_is_launched_and_nobody_finds_its_results(
    client_of, lead, raters, page, asked
):
    client = client_of(lead)
    client.post(page, {**asked, "calibration_count": 0})
    draft = RatingStudy.objects.get()
    address = f"/ratings/{draft.pk}/"
    client.post(f"{address}launch/")
    changed = {**asked, "calibration_count": 0, "title": "Another"}
    assert client.post(f"{address}design/", changed).headers["Location"] == f"{address}plan/"
    told = client.post(f"{address}discard/", follow=True)
    assert b"cannot be changed" in told.content
    assert client.post(f"{address}unblind/", {"reason": "Curious."}).status_code == 404
    assert client.get(address).status_code == 404
    listed = client.get(f"/studies/{draft.study.slug}/ratings/").content.decode()
    assert f'href="{address}plan/"' in listed
    assert "Being launched" in listed
    assert client_of(raters[0]).get(f"/rate/{draft.pk}/").status_code == 404
    draft.refresh_from_db()
    assert (draft.title, draft.state) == ("First round", RatingStudy.State.LAUNCHING)


def test_a_refused_launch_is_a_draft_again_that_says_why(client_of, lead, page, asked, rated_night):
    client = client_of(lead)
    client.post(page, {**asked, "calibration_count": 0})
    draft = RatingStudy.objects.get()
    client.post(f"/ratings/{draft.pk}/launch/")
    rated_night.signals_file.storage.delete(rated_night.signals_file.name)
    LAUNCHES.run(draft.pk)
    told = client.get(f"/ratings/{draft.pk}/plan/").content.decode()
    assert "The study was not launched." in told
    assert f"{rated_night.name} cannot be shown to raters" in told
    assert "Rationales, images and signals are frozen" in told


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
        ({"title": f"Is {MODEL_LABEL} right?"}, "names the source"),
        ({"raters": []}, "required"),
        ({"item_count": 0}, "greater than or equal to 1"),
        ({"repeat_percent": 90}, "less than or equal to 30"),
        ({"raters_per_item": 3}, "Raters selected: 2."),
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
    assert b"Enter a reason" in client.post(address, {"reason": " "}, follow=True).content
    told = client.post(address, {"reason": "All ratings are in."}, follow=True).content.decode()
    assert re.search(r"Unblinded by .*\.\s*<q><bdi>All ratings are in", told)
