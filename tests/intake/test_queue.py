"""Queues of nights: matched, examined, decided about, imported; nothing is kept before."""

import pytest

from annotations.scoring.models import Scoring
from psg.ingest.decisions import NightDecisions
from recordings.ingest import INGESTS
from recordings.intake.deciding import AnswerError, answer_doubt, edit_night, map_channels
from recordings.intake.importing import import_nights
from recordings.intake.matching import Patterns, set_patterns
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue, IntakeRule
from recordings.intake.reading import night_json, queue_json
from recordings.intake.receiving import (
    IntakeRefusedError,
    _write_all,
    append,
    discard_expired,
    discard_queue,
    expect_file,
    open_queue,
    received_bytes,
)
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, run_all
from tests.helpers.nights import files_below

TEXT = b"W\nN2\n"


@pytest.fixture
def queue(study, lead) -> IntakeQueue:
    return open_queue(study=study, user=lead)


def night_edf(seed: int = 0) -> bytes:
    """A minute of six derivations; each seed gives another file."""
    data = edf_bytes(sfreq_hz=100)
    data[-2 - seed] ^= 1
    return bytes(data)


def ingest_all() -> None:
    for pk in Ingest.objects.filter(Ingest.waiting()).values_list("pk", flat=True):
        INGESTS.run(pk)


def test_four_nights_with_stage_files_come_in_with_one_act(
    queue, lead, media, django_capture_on_commit_callbacks
):
    for number in range(4):
        subject, night = f"S0{number // 2}", number % 2 + 1
        add_file(queue, f"cohort/{subject}_N{night}_psg.edf", night_edf(number))
        add_file(queue, f"cohort/{subject}_N{night}_anna.txt", TEXT)
    add_file(queue, "cohort/S00_N1_bob.csv", b"epoch,stage\n0,W\n1,N3\n")
    run_all(queue)
    state = queue_json(queue)
    assert state["guessed"]["pattern"] == "{subject}_N{night}_*"
    assert [(n["subject"], n["number"], n["state"]) for n in state["nights"]] == [
        ("S00", 1, "ready"),
        ("S00", 2, "ready"),
        ("S01", 1, "ready"),
        ("S01", 2, "ready"),
    ]
    assert Recording.objects.count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        results = import_nights(queue=queue, user=lead)
    assert [result.error for result in results] == [""] * 4
    ingest_all()
    names = Recording.objects.values_list("name", "subject__code", "night", "state")
    assert list(names.order_by("name"))[:2] == [
        ("S00 night 1", "S00", 1, "ready"),
        ("S00 night 2", "S00", 2, "ready"),
    ]
    first = Scoring.objects.filter(recording__name="S00 night 1")
    assert set(first.values_list("scorer__label", flat=True)) == {"anna", "bob"}
    queue.refresh_from_db()
    assert (queue.state, queue.files.count()) == ("done", 0)
    assert files_below(media / "incoming") == []


def test_one_bad_file_leaves_the_others_alone(queue):
    add_file(queue, "S01.edf", night_edf())
    add_file(queue, "S02.edf", night_edf(1)[:3000])
    add_file(queue, "S03.edf", b"\0" * 5000)
    add_file(queue, "S01.txt", b"W\nSpindel\n")
    run_all(queue)
    assert queue.files.get(name="S03.edf").state == IntakeFile.State.REFUSED
    assert queue.files.get(name="S02.edf").state == IntakeFile.State.REFUSED
    night = queue.nights.get()
    assert night.state == "questions"
    shown = night_json(night)
    assert shown["open_count"] == 1
    doubt = shown["stage_files"][0]["doubts"][0]
    assert "Spindel" in str(doubt)


def test_a_channel_map_is_used_for_all_recordings_with_its_labels_and_kept(queue, lead, study):
    labels = ["EEG 1", "EEG 2", "EMG"]
    for number in range(2):
        data = edf_bytes(labels, sfreq_hz=100)
        data[-2 - number] ^= 1
        add_file(queue, f"S0{number}.edf", data)
    run_all(queue)
    first, second = queue.nights.order_by("pk")
    assert {first.state, second.state} == {"questions"}
    channels = {"C4-M1": {"positive": "EEG 1", "negative": "EEG 2"}}
    assert map_channels(night=first, channels=channels, same_labels=True, keep=True, user=lead) == 2
    rule = IntakeRule.objects.get()
    assert rule.about == labels
    assert NightDecisions.from_json(rule.value)
    for night in queue.nights.all():
        assert night.state == IntakeNight.State.WAITING


def test_a_copy_of_a_file_is_refused(queue, study):
    add_file(queue, "S01.edf", night_edf())
    add_file(queue, "S02.edf", night_edf())
    run_all(queue)
    states = dict(queue.nights.values_list("file__name", "state"))
    assert sorted(states.values()) == ["ready", "refused"]


def test_rows_edited_by_hand_are_left_alone_by_patterns(queue):
    add_file(queue, "S01_a.edf", night_edf())
    add_file(queue, "S02_a.edf", night_edf(1))
    run_all(queue)
    night = queue.nights.get(file__name="S01_a.edf")
    edit_night(night=night, subject="X9", number=3, name="")
    set_patterns(queue=queue, patterns=Patterns("{subject}_a", ""))
    subjects = dict(queue.nights.values_list("file__name", "subject"))
    assert subjects == {"S01_a.edf": "X9", "S02_a.edf": "S02"}


def test_a_stage_file_that_cannot_be_used_may_be_left_out(queue):
    add_file(queue, "S01.edf", night_edf())
    add_file(queue, "S01.txt", b"W\nN2\n" * 400)
    run_all(queue)
    night = queue.nights.get()
    [file] = night.stage_files
    assert night.state == "questions"
    answer_doubt(night=night, code="stage_file", value="leave_out", file=file)
    run_all(queue)
    assert queue.nights.get().state == "ready"
    assert not queue.files.filter(kind="stages").exists()


def test_a_night_that_changes_while_it_is_examined_is_examined_again(queue):
    from recordings.intake.examining import INTAKE_NIGHTS

    add_file(queue, "S01.edf", night_edf())
    run_all(queue)
    night = queue.nights.get()
    IntakeNight.objects.filter(pk=night.pk).update(state="waiting")
    slow = INTAKE_NIGHTS.claim(night.pk)
    map_channels(night=night, channels={"Chin": None})
    INTAKE_NIGHTS.attempt(slow)
    night.refresh_from_db()
    assert night.state == "waiting"


def test_discarding_a_queue_leaves_nothing(queue, media, django_capture_on_commit_callbacks):
    add_file(queue, "Lovelace.edf", night_edf())
    expect_file(queue=queue, name="half.edf", size_bytes=100)
    run_all(queue)
    with django_capture_on_commit_callbacks(execute=True):
        discard_queue(queue=queue)
    assert files_below(media / "incoming") == []
    assert not IntakeFile.objects.exists()
    assert not IntakeNight.objects.exists()
    with pytest.raises(IntakeRefusedError):
        expect_file(queue=queue, name="late.edf", size_bytes=100)


def test_a_queue_that_nobody_touches_for_a_week_is_discarded(queue, own_store):
    from datetime import timedelta

    from django.utils import timezone

    add_file(queue, "S01.edf", night_edf())
    assert discard_expired() == 0
    IntakeQueue.objects.update(used_at=timezone.now() - timedelta(days=8))
    from recordings.orphans import sweep_store

    sweep_store()
    assert discard_expired() == 1
    assert not IntakeFile.objects.exists()


def test_what_arrived_of_a_file_is_its_length_on_the_disk(queue):
    file = expect_file(queue=queue, name="S01.edf", size_bytes=10)
    append(file=file, offset=0, chunks=[b"abc"])
    assert received_bytes(IntakeFile.objects.get()) == 3


def test_texts_that_are_no_stages_are_settled_for_all_files_of_the_format_and_kept(queue, lead):
    for number in range(2):
        add_file(queue, f"S0{number}.edf", night_edf(number))
        add_file(queue, f"S0{number}_anna.txt", b"W\nSpindel\n")
    run_all(queue)
    night = queue.nights.order_by("pk").first()
    [file] = night.stage_files
    answer_doubt(
        night=night,
        code="unknown_texts",
        value="unscored",
        file=file,
        for_all=True,
        keep=True,
        user=lead,
    )
    run_all(queue)
    assert set(queue.nights.values_list("state", flat=True)) == {"ready"}
    shown = night_json(queue.nights.first())
    answered = [d for d in shown["stage_files"][0]["doubts"] if d.get("answered")]
    assert answered[0]["answer"] == "unscored"
    another = open_queue(study=queue.study, user=lead)
    add_file(another, "S09.edf", night_edf(9))
    add_file(another, "S09.txt", b"N2\nSpindel\n")
    run_all(another)
    night = another.nights.get()
    assert night.state == "ready"
    assert [doubt["code"] for doubt in night.stage_files[0].doubts] == ["kept_rule"]


def test_a_kept_channel_map_is_used_for_the_same_labels_and_told(queue, lead, study):
    add_file(queue, "S01.edf", edf_bytes(["EEG 1", "EEG 2"], sfreq_hz=100))
    run_all(queue)
    night = queue.nights.get()
    answer_doubt(night=night, code="channels", value="C4-M1=EEG 1 - EEG 2", keep=True, user=lead)
    another = open_queue(study=study, user=lead)
    data = edf_bytes(["EEG 2", "EEG 1"], sfreq_hz=100)
    add_file(another, "S02.edf", data)
    run_all(another)
    [told] = [d for d in another.nights.get().doubts if d["code"] == "kept_rule"]
    assert str(lead) in told["assumed"]


def test_a_stage_file_with_two_dots_in_its_name_keeps_its_suffix(queue):
    file = add_file(queue, "cohort/S01.hypno.csv", b"epoch,stage\n0,W\n1,N2\n")
    assert file.path.endswith(".csv")
    assert add_file(queue, "S01.edf.gz", b"x").path.endswith(".edf.gz")


def test_a_piece_is_written_whole_where_the_disk_takes_it_in_parts(queue):
    class Part:
        def __init__(self):
            self.data = b""

        def write(self, left):
            self.data += bytes(left[:3])
            return len(left[:3])

    part = Part()
    _write_all(part, b"0123456789")
    assert part.data == b"0123456789"


def test_the_start_of_a_recording_is_never_that_of_others(queue, lead):
    add_file(queue, "S01.edf", night_edf())
    run_all(queue)
    night = queue.nights.get()
    night.doubts = [{"code": "start_clock", "what": "?", "choices": [], "assumed": ""}]
    night.save()
    for scope in ({"for_all": True}, {"same_labels": True}, {"keep": True}):
        with pytest.raises(AnswerError, match="cannot be used for others"):
            answer_doubt(night=night, code="start_clock", value="22:00:00", user=lead, **scope)
