"""Everything a rater receives, searched for anything that tells a source."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotations.rating.models import RatingItem, RatingSlot
from annotations.rating.queue import slots_of
from psg.massex import custom_id
from psg.render import pixel_sha256
from studies.members import add_member
from studies.models import Role
from tests.helpers.ratings import EXPERT_NAME, MODEL_LABEL, NIGHT_NAME

pytestmark = [pytest.mark.django_db, pytest.mark.long]

IMAGES = ("previous", "target", "next")


@pytest.fixture
def rating_study(make_rating_study, sources):
    return make_rating_study(
        item_count=6, control_percent=34, repeat_percent=20, reference=sources[:1]
    )


@pytest.fixture
def client(client_of, rating_study, raters):
    return client_of(raters[0])


@pytest.fixture
def answers(client, rating_study):
    """Every answer that a whole session of rating gets, by address."""
    paths = ["/", f"/rate/{rating_study.pk}/", f"/api/v1/rating-studies/{rating_study.pk}/queue/"]
    found = {path: client.get(path) for path in paths}
    for entry in found[paths[2]].json()["slots"]:
        item = f"/api/v1/rating/{entry['code']}/"
        for path in (item, f"{item}signals/", *(f"{item}{which}.png" for which in IMAGES)):
            found[path] = client.get(path)
    return found


@pytest.fixture
def told_items(client, rating_study, raters):
    """What each slot of the first rater tells of its item, by code: without its images."""
    slots = RatingSlot.objects.filter(rater=raters[0])
    return {slot.code: client.get(f"/api/v1/rating/{slot.code}/").json() for slot in slots}


def texts_of(answers):
    for path, answer in answers.items():
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        is_text = "json" in answer["Content-Type"] or "html" in answer["Content-Type"]
        yield path, f"{path}\n{headers}\n" + (answer.content.decode() if is_text else "")


def test_no_answer_names_a_source(answers, rating_study, sources):
    names = [EXPERT_NAME, "dquillfeather", MODEL_LABEL, NIGHT_NAME, "Wavereader", "Quillfeather"]
    names += [
        "weights",
        "provenance",
        "scoring",
        "scorer",
        "reference",
        "pixel_sha256",
        "signals/N",
        "control item",
        "transition",
    ]
    for item in rating_study.items.all():
        names += [item.text_sha256, item.pixel_sha256, item.signal_sha256, item.code]
        names.append(custom_id(item.recording.subject.code, item.epoch, item.stage))
    assert {item.arm.kind for item in rating_study.items.all()} == {"source", "control"}
    assert len(answers) == 3 + 7 * 5
    for path, text in texts_of(answers):
        # On every rater's page are the heading of the gold and the addresses of its own modules.
        shown = re.sub('>Reference( scores)?<|"/static/js/[^"]+"', "", text)
        for name in names:
            assert name.casefold() not in shown.casefold(), (path, name)


def test_items_carry_these_fields_and_no_others(told_items):
    assert len(told_items) == 7
    for told in told_items.values():
        assert set(told) == {
            "code", "stage", "rules", "rationale", "signals", "rating",
            "calibration", "awaits_stage", "own_stage", "feedback",
        }  # fmt: skip
        assert set(told["signals"]) == {
            "epoch_count", "target", "derivations", "record_size", "channels", "has_raw",
        }  # fmt: skip


def test_no_header_ties_answers_together(answers):
    for answer in answers.values():
        assert "ETag" not in answer
        assert "Last-Modified" not in answer
        assert "Content-Disposition" not in answer
    kept = [a for path, a in answers.items() if path != "/"]
    assert all("no-store" in answer["Cache-Control"] for answer in kept)
    images = [a for path, a in answers.items() if path.endswith("target.png")]
    assert len({frozenset(set(a.headers) - {"Content-Length"}) for a in images}) == 1


def test_codes_say_nothing_of_item_place_or_time(rating_study):
    slots = RatingSlot.objects.filter(item__rating_study=rating_study)
    assert {slot.code.version for slot in slots} == {4}
    repeat = slots.filter(repeat=1).first()
    assert slots.filter(item=repeat.item, rater=repeat.rater).values("code").distinct().count() == 2


def test_a_second_look_is_told_by_nothing(told_items, raters):
    slots = RatingSlot.objects.filter(rater=raters[0])
    second = slots.filter(repeat=1).first()
    first = slots.get(item=second.item, repeat=0)
    one, two = told_items[first.code], told_items[second.code]
    assert {**one, "code": ""} == {**two, "code": ""}


def test_the_length_of_an_image_does_not_tell_a_repeat(client, raters):
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    path = f"/api/v1/rating/{slot.code}/target.png"
    again = [client.get(path) for _ in range(8)]
    assert len({len(answer.content) for answer in again}) > 1
    hashes = {pixel_sha256(np.asarray(Image.open(io.BytesIO(a.content)))) for a in again}
    assert len(hashes) == 1


def test_layout_of_the_text_is_evened_out(told_items, rating_study):
    assert rating_study.items.filter(rationale__contains="\n").exists()
    rationales = [told["rationale"] for told in told_items.values()]
    assert rationales
    assert all("\n" not in words and "  " not in words for words in rationales)


def test_what_raters_get_is_read_without_arm_source_and_reference(raters, rating_study):
    hidden = {"arm", "source", "reference_stage", "is_transition", "rationale", "code"}
    for slot in slots_of(raters[0]):
        assert {f"{name}_id" if name in ("arm", "source") else name for name in hidden} <= (
            slot.item.get_deferred_fields()
        )


def test_rules_come_in_one_order_whoever_wrote_them(client, rating_study, raters):
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    RatingItem.objects.filter(pk=slot.item_id).update(rules=["N2.1", "W.1", "N2.1"])
    told = client.get(f"/api/v1/rating/{slot.code}/").json()["rules"]
    assert [rule["id"] for rule in told] == ["W.1", "N2.1"]


def test_signals_that_changed_since_launch_are_not_shown(client, rating_study, raters, rated_night):
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    path = Path(rated_night.signals_file.path)
    content = bytearray(path.read_bytes())
    content[-rated_night.epoch_count * 36_000 :: 1000] = bytes(
        255 - one for one in content[-rated_night.epoch_count * 36_000 :: 1000]
    )
    path.write_bytes(content)
    for what in ("signals/", "target.png", "next.png", "previous.png"):
        answer = client.get(f"/api/v1/rating/{slot.code}/{what}")
        assert answer.status_code in (404, 409), what
    assert client.get(f"/api/v1/rating/{slot.code}/signals/").json()["code"] == "signals-changed"


def test_the_image_is_the_one_whose_hash_was_frozen(answers):
    for slot in RatingSlot.objects.filter(rater__username="rater-1").select_related("item"):
        png = answers[f"/api/v1/rating/{slot.code}/target.png"].content
        image = Image.open(io.BytesIO(png))
        assert image.info == {}
        assert pixel_sha256(np.asarray(image)) == slot.item.pixel_sha256


def test_raters_reach_no_scoring_of_the_study(client, sources, rating_study):
    for scoring in sources:
        assert client.get(f"/api/v1/scorings/{scoring.pk}/").status_code == 404
        assert client.get(f"/scorings/{scoring.pk}/score/").status_code == 404
    page = client.get(f"/recordings/{sources[0].recording_id}/scorings/").content.decode()
    assert MODEL_LABEL not in page
    assert EXPERT_NAME not in page


def test_a_rater_is_told_nothing_of_what_the_signal_says(answers, client, raters, study, sources):
    for _, text in texts_of(answers):
        assert not {"contradicted", "cannot_tell", "outcome"} & set(re.findall(r"\w+", text))
    urls = [f"/api/v1/scorings/{source.pk}/claims/" for source in sources]
    assert {client.get(url).status_code for url in urls} == {404}
    add_member(study=study, user=raters[0], role=Role.VIEWER)
    refused = [client.get(url) for url in urls]
    assert {answer.status_code for answer in refused} == {403}
    assert all(b"you rate rationales of this recording" in answer.content for answer in refused)
