"""Own stage first, and the calibration round with its gold: what comes when, and not before."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from annotations.rating.calibration import show_gold
from annotations.rating.drafts import set_gold
from annotations.rating.errors import RatingClosedError
from annotations.rating.lifecycle import close_rating_study, launch_rating_study
from annotations.rating.models import RatingItem, RatingRater, RatingSlot
from annotations.rating.ratings import keep_own_stage
from studies.notices.reading import inbox_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

GOLD = {"factual_accuracy": 2, "evidence_comprehensiveness": 4, "logical_coherence": 5}
WHY = "The spindle it names is not there."


@pytest.fixture
def calibrated_study(draft_rating_study, lead):
    """Two calibration items and four of the main round, at 60 % of the gold."""
    draft = draft_rating_study(
        item_count=4, repeat_percent=0, calibration_count=2, calibration_pass_percent=60
    )
    for item in draft.items.filter(phase=RatingItem.Phase.CALIBRATION):
        set_gold(item=item, scores=GOLD, feedback=WHY, user=lead)
    return launch_rating_study(rating_study=draft, user=lead)


@pytest.fixture
def client(client_of, raters):
    return client_of(raters[0])


def queue(client, study):
    return client.get(f"/api/v1/rating-studies/{study.pk}/queue/").json()


def rate(client, code, scores=(2, 4, 5), version=0):
    names = ("factual_accuracy", "evidence_comprehensiveness", "logical_coherence")
    body = {
        "client_uuid": str(uuid.uuid4()),
        "version": version,
        **dict(zip(names, scores, strict=True)),
        "cannot_judge": None in scores,
        "comment": "why",
    }
    return client.put(f"/api/v1/rating/{code}/", body, content_type="application/json")


def gold(client, code, version=1):
    path = f"/api/v1/rating/{code}/gold/"
    return client.post(path, {"version": version}, content_type="application/json")


def stage(client, code, own="N2"):
    path = f"/api/v1/rating/{code}/stage/"
    return client.put(path, {"stage": own}, content_type="application/json")


def go_through(client, study, scores):
    for slot in queue(client, study)["slots"]:
        assert rate(client, slot["code"], scores).status_code == 200
        assert gold(client, slot["code"]).status_code == 200


# Own stage first


@pytest.fixture
def staged(make_rating_study):
    return make_rating_study(item_count=2, repeat_percent=0, own_stage_first=True)


@pytest.fixture
def slot(staged, raters):
    return RatingSlot.objects.filter(rater=raters[0]).order_by("place").first()


def test_nothing_of_the_rationale_is_sent_before_the_own_stage_is_kept(client, slot):
    answer = client.get(f"/api/v1/rating/{slot.code}/")
    told = answer.json()
    assert (told["awaits_stage"], told["own_stage"]) == (True, None)
    assert (told["stage"], told["rules"], told["rationale"]) == (None, [], "")
    text = answer.content.decode()
    assert slot.item.words not in text
    for rule in slot.item.rules:
        assert rule not in text


def test_no_score_is_taken_before_the_own_stage(client, slot):
    answer = rate(client, slot.code)
    assert (answer.status_code, answer.json()["code"]) == (409, "stage-first")
    assert not slot.revisions.exists()


def test_the_own_stage_is_kept_once_and_brings_the_rationale(client, slot):
    told = stage(client, slot.code, "R").json()
    assert (told["own_stage"], told["awaits_stage"]) == ("R", False)
    assert (told["stage"], told["rationale"]) == (slot.item.stage, slot.item.words)
    assert stage(client, slot.code, "W").json()["own_stage"] == "R"
    slot.refresh_from_db()
    assert slot.own_stage == "R"
    assert slot.own_staged_at is not None
    assert rate(client, slot.code).status_code == 200


@pytest.mark.parametrize("own", ["N4", "", None, 2])
def test_what_is_no_stage_is_refused(client, slot, own):
    assert stage(client, slot.code, own).status_code == 400


def test_where_no_own_stage_is_asked_for_none_is_kept(client, rating_study, raters):
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    assert client.get(f"/api/v1/rating/{slot.code}/").json()["rationale"]
    assert stage(client, slot.code).json()["code"] == "not-asked"


# The calibration round


def test_only_the_calibration_round_is_open_at_first(client, calibrated_study, raters):
    told = queue(client, calibrated_study)
    assert (len(told["slots"]), told["gate"]["state"]) == (2, "calibrating")
    later = RatingSlot.objects.filter(rater=raters[0], item__phase=RatingItem.Phase.MAIN)
    assert later.count() == 4
    for slot in later:
        for path in ("", "target.png", "signals/"):
            assert client.get(f"/api/v1/rating/{slot.code}/{path}").status_code == 404
        assert rate(client, slot.code).status_code == 404


def test_the_gold_comes_after_the_rating_and_fixes_it(client, calibrated_study):
    code = queue(client, calibrated_study)["slots"][0]["code"]
    before = client.get(f"/api/v1/rating/{code}/")
    assert (before.json()["calibration"], before.json()["feedback"]) == (True, None)
    assert WHY not in before.content.decode()
    assert gold(client, code).json()["code"] == "unfinished"
    rate(client, code, (4, 4, 4))
    assert gold(client, code, version=7).json()["code"] == "stale"
    told = gold(client, code).json()
    assert told == {"version": 1, "feedback": {"scores": GOLD, "explanation": WHY}}
    assert gold(client, code).json() == told
    late = rate(client, code, (2, 4, 5), version=1)
    assert (late.status_code, late.json()["code"]) == (409, "final")
    assert late.json()["current"]["factual_accuracy"] == 4
    assert client.get(f"/api/v1/rating/{code}/").json()["feedback"] == told["feedback"]


def test_a_rater_who_meets_the_gold_goes_on(client, calibrated_study, raters):
    go_through(client, calibrated_study, (4, 4, 5))  # two of three within one: 67 %
    told = queue(client, calibrated_study)
    assert (len(told["slots"]), told["gate"]["state"]) == (6, "passed")
    assert "4 of 6" in told["gate"]["words"]
    assert RatingRater.objects.get(rater=raters[0]).calibrated_at is not None
    assert RatingRater.objects.get(rater=raters[1]).calibrated_at is None


def test_a_rater_who_misses_the_gold_waits_until_the_lead_lets_them_on(
    client, client_of, calibrated_study, raters, lead
):
    go_through(client, calibrated_study, (None, None, None))
    told = queue(client, calibrated_study)
    assert (len(told["slots"]), told["gate"]["state"]) == (2, "held")
    assert "0 of 6" in told["gate"]["words"]
    assert "Calibration not passed; waiting for the lead" in client.get("/").content.decode()
    seat = RatingRater.objects.get(rater=raters[0])
    page, of_lead = f"/ratings/{calibrated_study.pk}/raters/", client_of(lead)
    assert "not passed; waiting for the lead" in of_lead.get(page).content.decode()
    refused = of_lead.post(f"/ratings/raters/{seat.pk}/admit/", {"reason": " "}, follow=True)
    assert "Enter a reason" in refused.content.decode()
    assert queue(client, calibrated_study)["gate"]["state"] == "held"
    done = of_lead.post(f"/ratings/raters/{seat.pk}/admit/", {"reason": "We talked."}, follow=True)
    assert "We talked." in done.content.decode()
    seat.refresh_from_db()
    assert (seat.released_by, seat.release_reason, seat.calibrated_at) == (lead, "We talked.", None)
    # Both sides had a notice; that of the rater names the study alone.
    assert {notice.kind for notice in lead.notices.all()} == {"launch", "held"}
    notices = inbox_of(raters[0]).shown
    assert [each.kind.name for each in notices] == ["admitted", "rating_opened"]
    assert {name for each in notices for name in each.names} == {calibrated_study.title}
    told = queue(client, calibrated_study)
    assert (len(told["slots"]), told["gate"]["state"]) == (6, "passed")


def test_nobody_is_let_on_in_the_middle_of_the_round(client_of, calibrated_study, raters, lead):
    seat = RatingRater.objects.get(rater=raters[0])
    answer = client_of(lead).post(
        f"/ratings/raters/{seat.pk}/admit/", {"reason": "quick"}, follow=True
    )
    assert "still in the calibration round" in answer.content.decode()
    seat.refresh_from_db()
    assert not seat.may_go_on


def test_an_item_of_the_main_round_shows_no_gold(client, rating_study, raters):
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    rate(client, slot.code)
    assert gold(client, slot.code).json()["code"] == "no-gold"


# What a rater sent before the study closed is answered again after it


def test_an_own_stage_and_a_gold_that_were_kept_are_answered_again_after_the_end(
    staged, calibrated_study, raters, client
):
    own = RatingSlot.objects.filter(rater=raters[0], item__rating_study=staged).first()
    keep_own_stage(slot=own, stage="R")
    code = queue(client, calibrated_study)["slots"][0]["code"]
    rate(client, code)
    first = RatingSlot.objects.get(code=code)
    show_gold(slot=first, seen_version=1)
    for study in (staged, calibrated_study):
        close_rating_study(rating_study=study, user=None)
    assert keep_own_stage(slot=own, stage="W").own_stage == "R"
    assert show_gold(slot=first, seen_version=1).version == 1
    other = RatingSlot.objects.filter(rater=raters[0], item__rating_study=staged).last()
    with pytest.raises(RatingClosedError):
        keep_own_stage(slot=other, stage="R")


def test_the_lead_sees_how_many_scores_met_the_reference(
    client, client_of, calibrated_study, raters, lead
):
    first, second = (slot["code"] for slot in queue(client, calibrated_study)["slots"])
    for code, scores in ((first, (2, 4, 5)), (second, (2, 4, 1))):
        rate(client, code, scores)
        gold(client, code)
    page = client_of(lead).get(reverse("annotations:rating-raters", args=[calibrated_study.pk]))
    rows = re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL)
    row = next(" ".join(strip_tags(row).split()) for row in rows if str(raters[0]) in row)
    assert "2 of 2 83 % 5 of 6 passed on" in row
