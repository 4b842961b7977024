"""Two windows, or a window and a worker, that change the same queue."""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from psg.errors import RefusedError
from recordings.incoming import incoming_path, part_path, settle_incoming
from recordings.ingest import INGESTS
from recordings.intake import receiving
from recordings.intake.deciding import (
    AnswerError,
    answer_doubt,
    decide,
    edit_night,
    map_channels,
    place_file,
    set_options,
)
from recordings.intake.importing import import_nights
from recordings.intake.locking import GoneError, IntakeRefusedError
from recordings.intake.matching import Patterns, set_patterns
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue, IntakeRule
from recordings.intake.receiving import (
    OffsetError,
    append,
    changing,
    complete,
    discard_queue,
    drop_files,
    expect_file,
    open_queue,
    remove_file,
    remove_night,
)
from recordings.intake.rules import keep_options
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, run_all
from tests.helpers.locks import wait_for_a_blocked_lock

Act = Callable[[IntakeNight, IntakeFile], object]

# Every act of a person on a night or a file of it.
ACTS: dict[str, Act] = {
    "edit the row": lambda night, file: edit_night(night=night, number=2),
    "decide": lambda night, file: decide(night=night, given={"mains_hz": 60}),
    "answer": lambda night, file: answer_doubt(night=night, code="mains", value="60"),
    "answer about a file": lambda night, file: answer_doubt(
        night=night, code="codes", value="rk", file=file
    ),
    "leave a file out": lambda night, file: answer_doubt(
        night=night, code="stage_file", value="leave_out", file=file
    ),
    "map channels": lambda night, file: map_channels(night=night, channels={"Chin": None}),
    "place a file": lambda night, file: place_file(file=file, night=night),
    "set options": lambda night, file: set_options(file=file, given={"first_epoch": 1}),
    "remove a file": lambda night, file: remove_file(file=file),
    "remove the recording file": lambda night, file: remove_file(file=night.file),
    "remove a night": lambda night, file: remove_night(night=night),
}
DOUBT = {"what": "?", "where": "", "assumed": "", "option": "", "choices": []}


@pytest.fixture
def queue(study, lead) -> IntakeQueue:
    return open_queue(study=study, user=lead)


def night_edf(seed: int = 0, labels: list[str] | None = None) -> bytes:
    """A minute of six derivations; each seed gives another file."""
    data = edf_bytes(labels, sfreq_hz=100) if labels else edf_bytes(sfreq_hz=100)
    data[-2 - seed] ^= 1
    return bytes(data)


def ready_night(queue: IntakeQueue) -> tuple[IntakeNight, IntakeFile]:
    """A night with a stage file, and doubts of both that can be answered."""
    add_file(queue, "S01.edf", night_edf())
    add_file(queue, "S01.txt", b"W\nN2\n")
    run_all(queue)
    night = queue.nights.select_related("file", "queue").get()
    [file] = night.stage_files
    night.doubts = [{"code": "mains", **DOUBT}]
    file.doubts = [{"code": code, **DOUBT} for code in ("codes", "stage_file")]
    night.save()
    file.save()
    return night, file


def each_act(night: IntakeNight, file: IntakeFile) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every act, with objects as a request has them that loaded them now."""
    for name, act in ACTS.items():
        loaded = copy.deepcopy(night), copy.deepcopy(file)
        yield name, lambda act=act, loaded=loaded: act(*loaded)


def test_what_waited_for_an_import_is_refused_and_changes_nothing(
    queue, lead, media, django_capture_on_commit_callbacks
):
    add_file(queue, "S02.edf", night_edf(1)[:3000])  # keeps the queue open
    night, file = ready_night(queue)
    waiting = dict(each_act(night, file))
    with django_capture_on_commit_callbacks(execute=True):
        import_nights(queue=queue, nights=[night.pk], user=lead)
    imported = IntakeNight.objects.values().get(pk=night.pk)
    ingest = Ingest.objects.get()
    for act in waiting.values():
        with (
            pytest.raises((GoneError, IntakeRefusedError)),
            django_capture_on_commit_callbacks(execute=True),
        ):
            act()
    assert IntakeNight.objects.values().get(pk=night.pk) == imported
    assert all(incoming_path(name).exists() for name in ingest.incoming_names)
    INGESTS.run(ingest.pk)
    assert Recording.objects.get().state == "ready"


def test_what_was_removed_in_another_window_is_told_as_gone(
    queue, django_capture_on_commit_callbacks
):
    night, file = ready_night(queue)
    waiting = dict(each_act(night, file))
    with django_capture_on_commit_callbacks(execute=True):
        remove_night(night=night)
    for act in waiting.values():
        with pytest.raises(GoneError) as refused:
            act()
        assert refused.value.status == 404


def test_two_windows_that_decide_different_things_lose_nothing(queue):
    night, file = ready_night(queue)
    one, two, three, four = (copy.deepcopy(night) for _ in range(4))
    first, second = copy.deepcopy(file), copy.deepcopy(file)
    decide(night=one, given={"mains_hz": 60})
    decide(night=two, given={"units": {"Chin": "mV"}})
    edit_night(night=three, subject="P1")
    edit_night(night=four, number=7)
    set_options(file=first, given={"first_epoch": 1})
    set_options(file=second, given={"epoch_s": 30})
    place_file(file=copy.deepcopy(file), scorer="anna")
    place_file(file=copy.deepcopy(file), night=None)
    night.refresh_from_db()
    file.refresh_from_db()
    assert night.decisions["mains_hz"] == 60
    assert night.decisions["units"] == {"Chin": "mV"}
    assert (night.subject, night.number) == ("P1", 7)
    assert file.options == {"first_epoch": 1, "epoch_s": 30}
    assert (file.scorer, file.night) == ("anna", None)


def test_files_are_dropped_only_with_their_rows(queue, media):
    file = add_file(queue, "S01.edf", night_edf())
    IntakeFile.objects.all().delete()
    drop_files([file])
    assert incoming_path(file.path).exists()


# Uploads.


def test_a_piece_that_comes_again_after_the_last_leaves_the_file_alone(queue):
    file = expect_file(queue=queue, name="S01.edf", size_bytes=6)
    late = copy.deepcopy(file)
    append(file=file, offset=0, chunks=[b"abcdef"])
    for offset in (0, 3, 6):
        with pytest.raises(IntakeRefusedError, match="arrived already"):
            append(file=copy.deepcopy(late), offset=offset, chunks=[b"xyz"])
    assert not part_path(file.path).exists()
    # One that had made a file before the row was read again.
    part_path(file.path).write_bytes(b"")
    settle_incoming(file.path)
    assert incoming_path(file.path).read_bytes() == b"abcdef"
    assert not part_path(file.path).exists()


def test_a_request_that_opens_the_file_after_the_last_piece_takes_it_away_again(queue, monkeypatch):
    file = expect_file(queue=queue, name="S01.edf", size_bytes=6)
    late = copy.deepcopy(file)
    opened = receiving._opened

    def open_late(path, offset):
        monkeypatch.undo()
        append(file=file, offset=0, chunks=[b"abcdef"])
        return opened(path, offset)

    monkeypatch.setattr(receiving, "_opened", open_late)
    with pytest.raises(IntakeRefusedError, match="arrived already"):
        append(file=late, offset=0, chunks=[b"xyz"])
    assert not part_path(file.path).exists()
    assert incoming_path(file.path).read_bytes() == b"abcdef"


def test_a_piece_of_a_file_that_was_removed_makes_no_file(
    queue, media, django_capture_on_commit_callbacks
):
    file = expect_file(queue=queue, name="S01.edf", size_bytes=6)
    late = copy.deepcopy(file)
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file=file)
    with pytest.raises(GoneError):
        append(file=copy.deepcopy(late), offset=0, chunks=[b"abc"])
    with pytest.raises(GoneError):
        complete(file=late)
    assert not part_path(file.path).exists()


def test_only_the_first_piece_makes_a_file(queue):
    file = expect_file(queue=queue, name="S01.edf", size_bytes=6)
    with pytest.raises(OffsetError, match="0 bytes have arrived, not 3"):
        append(file=file, offset=3, chunks=[b"abc"])
    assert not part_path(file.path).exists()


def test_a_file_is_complete_by_its_length_on_the_disk(queue):
    file = expect_file(queue=queue, name="S01.edf", size_bytes=6)
    append(file=file, offset=0, chunks=[b"abc"])
    with pytest.raises(OffsetError, match="3 bytes have arrived, not 6"):
        complete(file=file)
    file.refresh_from_db()
    assert file.state == "receiving"


# Answers.


def questions(queue: IntakeQueue, code: str = "assumed_chin") -> list[IntakeNight]:
    """Three nights; the third has other labels."""
    for number, labels in enumerate((["C4-M1", "X"], ["C4-M1", "X"], ["C4-M1", "Y"])):
        add_file(queue, f"S0{number}.edf", night_edf(number, labels))
    run_all(queue)
    nights = list(queue.nights.order_by("pk"))
    for night in nights:
        night.doubts = [{"code": code, **DOUBT}]
        night.state = "questions"
        night.save()
    return nights


def test_a_refused_answer_marks_nothing(queue, lead):
    nights = questions(queue)
    before = list(queue.nights.order_by("pk").values("doubts", "decisions", "state"))
    with pytest.raises(RefusedError):
        answer_doubt(night=nights[0], code="assumed_chin", value="= - =", for_all=True, keep=True)
    discarded = copy.deepcopy(nights[1])
    assert list(queue.nights.order_by("pk").values("doubts", "decisions", "state")) == before
    assert not IntakeRule.objects.exists()
    discard_queue(queue=queue)
    with pytest.raises(IntakeRefusedError, match="finished"):
        answer_doubt(night=discarded, code="assumed_chin", value="X")


@pytest.mark.parametrize(
    ("code", "value"), [("assumed_chin", "X"), ("unit_X", "mV"), ("channels", "C4-M1=C4-M1")]
)
def test_what_is_said_of_channels_for_all_holds_for_the_same_labels(queue, code, value):
    nights = questions(queue, code)
    assert answer_doubt(night=nights[0], code=code, value=value, for_all=True) == 2
    states = [night.state for night in queue.nights.order_by("pk")]
    assert states == ["waiting", "waiting", "questions"]
    assert not IntakeNight.objects.get(pk=nights[2].pk).decisions


def test_an_answer_for_all_marks_only_who_was_asked(queue):
    nights = questions(queue, "mains")
    nights[1].doubts = [{"code": "other", **DOUBT}]
    nights[1].save()
    assert answer_doubt(night=nights[0], code="mains", value="60", for_all=True) == 3
    marked = [night.doubts[0].get("answer") for night in queue.nights.order_by("pk")]
    assert marked == ["60", None, "60"]


def test_an_answer_to_a_question_that_is_answered_or_gone_is_refused(queue):
    night, file = ready_night(queue)
    with pytest.raises(AnswerError, match="not open any more"):
        answer_doubt(night=night, code="start_clock", value="22:00")
    place_file(file=copy.deepcopy(file), night=None)
    with pytest.raises(IntakeRefusedError, match="another recording"):
        answer_doubt(night=night, code="codes", value="rk", file=file)


# Overlaps.


def overlapping(queue: IntakeQueue) -> None:
    for name, start in (("A_N1", b"02.11.2622.00.00"), ("B_N1", b"02.11.2622.00.30")):
        data = edf_bytes(sfreq_hz=100)
        data[168:184] = start
        add_file(queue, f"{name}.edf", data)
    run_all(queue)


def told(queue: IntakeQueue) -> set[str]:
    return {
        night.file.name
        for night in queue.nights.select_related("file")
        if any(doubt["code"] == "overlap" for doubt in night.doubts)
    }


def test_overlaps_are_looked_for_again_whenever_a_subject_changes(queue):
    overlapping(queue)
    assert told(queue) == set()
    set_patterns(queue=queue, patterns=Patterns("*_{subject}"))
    run_all(queue)
    assert told(queue) == {"A_N1.edf", "B_N1.edf"}
    edit_night(night=queue.nights.get(file__name="A_N1.edf"), subject="other")
    run_all(queue)
    assert told(queue) == set()
    edit_night(night=queue.nights.get(file__name="A_N1.edf"), subject="N1")
    run_all(queue)
    assert told(queue) == {"A_N1.edf", "B_N1.edf"}
    remove_night(night=queue.nights.get(file__name="A_N1.edf"))
    run_all(queue)
    assert told(queue) == set()


# Two connections.


def while_locked(queue: IntakeQueue, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do the second act in another connection, while the first is not committed yet."""

    def answer() -> Any:
        try:
            return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with changing(queue):
            first()
            later = pool.submit(answer)
            wait_for_a_blocked_lock()
        return later.result(timeout=20)


@pytest.mark.django_db(transaction=True)
def test_requests_that_wait_for_each_other_lose_nothing(queue, lead, client_of, study):
    add_file(queue, "S02.edf", night_edf(1)[:3000])  # keeps the queue open
    night, file = ready_night(queue)
    client = client_of(lead)
    address = f"/api/v1/studies/{study.slug}/intake/{queue.pk}"
    of_night, of_file = f"{address}/nights/{night.pk}/", f"{address}/files/{file.pk}/"
    answer = while_locked(
        queue,
        lambda: decide(night=copy.deepcopy(night), given={"mains_hz": 60}),
        lambda: client.patch(
            of_night, {"decisions": {"start_clock_s": 80_000}}, "application/json"
        ),
    )
    assert answer.status_code == 200
    night.refresh_from_db()
    assert (night.decisions["mains_hz"], night.decisions["start_clock_s"]) == (60, 80_000)
    answer = while_locked(
        queue,
        lambda: place_file(file=copy.deepcopy(file), scorer="anna"),
        lambda: client.patch(of_file, {"night": None}, "application/json"),
    )
    assert (answer.json()["scorer"], answer.json()["night"]) == ("anna", None)
    run_all(queue)

    def bring_in() -> None:
        [result] = import_nights(queue=queue, nights=[night.pk], user=lead, finish=False)
        assert not result.error

    answer = while_locked(queue, bring_in, lambda: client.delete(of_night))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_now")
    assert all(incoming_path(name).exists() for name in Ingest.objects.get().incoming_names)
    answer = while_locked(queue, lambda: remove_file(file=file), lambda: client.delete(of_file))
    assert (answer.status_code, answer.json()["code"]) == (404, "gone")


@pytest.mark.django_db(transaction=True)
def test_first_answers_that_two_queues_keep_at_once_are_both_kept(queue, study, lead):
    def keep_in_another() -> None:
        with changing(open_queue(study=study, user=lead)):
            keep_options(study=study, format_="csv", given={"epoch_s": 20}, user=None)

    while_locked(
        queue,
        lambda: keep_options(study=study, format_="csv", given={"codes": "rk"}, user=None),
        keep_in_another,
    )
    value = IntakeRule.objects.get().value
    assert (value["codes"], value["epoch_s"]) == ("rk", 20)
