"""Rating over the API: saved as given, never twice, never over somebody's head."""

import uuid

import pytest

from annotations.rating.lifecycle import close_rating_study
from annotations.rating.models import Rating, RatingSlot

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def client(client_of, rating_study, raters):
    return client_of(raters[0])


@pytest.fixture
def slot(rating_study, raters):
    return RatingSlot.objects.filter(rater=raters[0]).order_by("place").first()


def save(client, slot, **changes):
    body = {
        "client_uuid": str(uuid.uuid4()),
        "version": 0,
        "factual_accuracy": 4,
        "evidence_comprehensiveness": None,
        "logical_coherence": None,
        "cannot_judge": False,
        "comment": "",
        **changes,
    }
    return client.put(f"/api/v1/rating/{slot.code}/", body, content_type="application/json")


def test_a_rating_grows_and_counts_once_nothing_is_missing(client, slot):
    first = save(client, slot).json()
    assert first["missing"] == ["evidence_comprehensiveness", "logical_coherence"]
    low = save(client, slot, version=1, evidence_comprehensiveness=2, logical_coherence=5).json()
    assert (low["complete"], low["missing"]) == (False, ["comment"])
    told = save(
        client,
        slot,
        version=2,
        evidence_comprehensiveness=2,
        logical_coherence=5,
        comment="No word on chin tone.",
    ).json()
    assert (told["complete"], told["missing"], told["version"]) == (True, [], 3)
    assert Rating.objects.get().complete
    assert slot.revisions.count() == 3


def test_what_was_on_screen_is_kept_with_each_save_and_told_to_nobody(client, slot):
    looks = [{"view": "signal", "gain_uv_per_mm": 5}, {"view": "image"}]
    answers = [save(client, slot, version=n, shown=look) for n, look in enumerate(looks)]
    assert list(slot.revisions.values_list("shown", flat=True)) == looks
    answers.append(client.get(f"/api/v1/rating/{slot.code}/"))
    assert not any("gain_uv" in answer.content.decode() for answer in answers)
    for wrong in ("signal", {"view": "\0"}):
        assert save(client, slot, version=2, shown=wrong).status_code == 400


def test_cannot_judge_is_a_complete_answer_and_goes_without_scores(client, slot):
    assert save(client, slot, cannot_judge=True).status_code == 400
    assert save(client, slot, cannot_judge=True, factual_accuracy=None).json()["complete"]


def test_a_repeated_save_gets_the_first_answer(client, slot):
    same = str(uuid.uuid4())
    first = save(client, slot, client_uuid=same).json()
    again = save(client, slot, client_uuid=same, factual_accuracy=1)
    assert (again.status_code, again.json()) == (200, first)
    assert Rating.objects.get().factual_accuracy == 4


def test_a_stale_save_is_told_what_is_there_now(client, slot):
    save(client, slot)
    answer = save(client, slot, factual_accuracy=1)
    assert answer.status_code == 409
    assert answer.json()["code"] == "stale"
    assert answer.json()["current"]["factual_accuracy"] == 4
    assert Rating.objects.get().factual_accuracy == 4


def test_the_id_of_another_save_is_refused(client, slot, raters):
    same = str(uuid.uuid4())
    save(client, slot, client_uuid=same)
    other = RatingSlot.objects.filter(rater=raters[0]).order_by("place").last()
    assert save(client, other, client_uuid=same).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"factual_accuracy": 0},
        {"factual_accuracy": 6},
        {"factual_accuracy": "x"},
        {"comment": "\x00"},
        {"comment": "x" * 2001},
        {"version": -1},
        {"client_uuid": "no"},
    ],
)
def test_what_is_no_rating_is_refused_and_named(client, slot, wrong):
    answer = save(client, slot, **wrong)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(wrong)
    assert not Rating.objects.exists()


def test_a_queue_is_one_raters_own(client, client_of, raters, slot):
    other = client_of(raters[1])
    for path in ("", "target.png", "signals/"):
        assert client.get(f"/api/v1/rating/{slot.code}/{path}").status_code == 200
        assert other.get(f"/api/v1/rating/{slot.code}/{path}").status_code == 404
    assert save(other, slot).status_code == 404


def test_the_queue_tells_what_is_done(client, slot, rating_study):
    save(client, slot, cannot_judge=True, factual_accuracy=None)
    slots = client.get(f"/api/v1/rating-studies/{rating_study.pk}/queue/").json()["slots"]
    assert [entry["place"] for entry in slots] == list(range(1, 12))
    assert [entry["complete"] for entry in slots] == [True] + [False] * 10


def test_a_closed_study_takes_nothing_more(client, slot, rating_study):
    close_rating_study(rating_study=rating_study, user=None)
    assert save(client, slot).status_code == 404
    assert client.get(f"/rate/{rating_study.pk}/").status_code == 404


def test_edges_of_the_night_have_no_neighbour(client, make_rating_study, raters):
    whole_night = make_rating_study(title="Whole night", item_count=20)
    edges = RatingSlot.objects.filter(
        rater=raters[0], item__epoch=0, item__rating_study=whole_night
    )
    code = edges.first().code
    assert client.get(f"/api/v1/rating/{code}/previous.png").status_code == 404
    layout = client.get(f"/api/v1/rating/{code}/").json()["signals"]
    assert (layout["epoch_count"], layout["target"]) == (2, 0)
    signals = client.get(f"/api/v1/rating/{code}/signals/").content
    assert len(signals) == 2 * layout["record_size"]
