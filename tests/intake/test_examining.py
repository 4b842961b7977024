"""What a worker finds out about nights of a queue, and what it leaves when people change them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from annotations.scoring.assignments import assign
from epochwise.lifecycle.erasing import erase_subject
from jobs.kinds import JobKind
from psg.errors import RefusedError
from recordings import tasks
from recordings.ingest import INGESTS
from recordings.intake import adding, examining, importing, packing, receiving
from recordings.intake.examining import INTAKE_NIGHTS
from recordings.intake.importing import import_nights
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.intake.reading_files import INTAKE_FILES
from recordings.intake.receiving import (
    IntakeRefusedError,
    discard_expired,
    discard_queue,
    open_queue,
    remove_night,
)
from recordings.intake.rules import keep_options
from recordings.models import Ingest, Recording, Subject
from recordings.overlaps import overlap_notes
from studies.troubles import DiskFullError
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, brainvision, run_all, run_waiting, zipped
from tests.helpers.locks import wait_for_a_blocked_lock
from tests.helpers.nights import files_below


@pytest.fixture
def queue(study, lead) -> IntakeQueue:
    return open_queue(study=study, user=lead)


def night_edf(seed: int = 0) -> bytes:
    data = edf_bytes(sfreq_hz=100)
    data[-2 - seed] ^= 1
    return bytes(data)


def read_files(queue: IntakeQueue) -> IntakeNight:
    """Let a worker read the files of a queue that make a night, which then waits."""
    run_waiting(queue, INTAKE_FILES, "files")
    return queue.nights.get()


def test_no_signals_are_kept_of_a_night_that_is_removed_while_it_is_read(
    queue, media, monkeypatch, django_capture_on_commit_callbacks
):
    add_file(queue, "S01.edf", night_edf())
    night = read_files(queue)
    look = examining.Reader.read

    def read_and_be_removed(reader, work, **heard):
        answer = look(reader, work, **heard)
        if IntakeNight.objects.exists():
            remove_night(night=IntakeNight.objects.get())
        return answer

    monkeypatch.setattr(examining.Reader, "read", read_and_be_removed)
    with django_capture_on_commit_callbacks(execute=True):
        INTAKE_NIGHTS.run(night.pk)
    assert not IntakeFile.objects.exists()
    assert files_below(media / "incoming") == []


def test_parts_are_not_packed_of_a_night_that_is_removed_meanwhile(
    queue, media, monkeypatch, django_capture_on_commit_callbacks
):
    for suffix, data in zip((".vhdr", ".vmrk", ".eeg"), brainvision(), strict=True):
        add_file(queue, f"S01{suffix}", data)
    night = read_files(queue)
    pack = packing.sha256_of

    def hash_of_what_is_removed(path):
        remove_night(night=IntakeNight.objects.get())
        return pack(path)

    monkeypatch.setattr(packing.Reader, "read", lambda _, work: work(lambda *_: None))
    monkeypatch.setattr(packing, "sha256_of", hash_of_what_is_removed)
    with django_capture_on_commit_callbacks(execute=True):
        INTAKE_NIGHTS.run(night.pk)
    assert files_below(media / "incoming") == []


# Refusals are final; a full disk is none.


def test_a_zip_of_too_many_files_is_refused_at_once(queue, monkeypatch):
    monkeypatch.setattr(adding, "MOST_FILES", 3)
    file = add_file(queue, "all.zip", zipped({f"{n}.txt": b"W" for n in range(4)}))
    INTAKE_FILES.run(file.pk)
    file.refresh_from_db()
    assert (file.state, file.attempt) == (IntakeFile.State.REFUSED, 1)
    assert file.error.startswith("A queue holds at most 3 files.")


def test_decisions_that_are_refused_are_told_at_once(queue):
    add_file(queue, "S01.edf", night_edf())
    night = read_files(queue)
    IntakeNight.objects.update(decisions={"mains_hz": 55})
    INTAKE_NIGHTS.run(night.pk)
    night.refresh_from_db()
    assert (night.state, night.attempt) == (IntakeNight.State.REFUSED, 1)


def test_work_for_which_the_disk_has_no_room_is_put_off(queue, monkeypatch):
    add_file(queue, "S01.edf", night_edf())
    night = read_files(queue)

    def fail(*_) -> None:
        raise DiskFullError

    monkeypatch.setattr(examining, "pack_parts", fail)
    for refusals in ((), (RefusedError,)):
        kind = JobKind(IntakeNight, work=examining.examine_night, give_up=None, refusals=refusals)
        kind.run(night.pk)
        night.refresh_from_db()
        assert (night.state, night.attempt) == (IntakeNight.State.WAITING, 0)
        assert "disk is full" in night.error


# Copies, forgotten queues, imports of many.


def test_a_copy_is_examined_again_when_its_original_is_removed(queue):
    for name in ("S01.edf", "S02.edf"):
        add_file(queue, name, night_edf())
    run_all(queue)
    original, copy = queue.nights.order_by("pk")
    assert (original.state, copy.state) == ("ready", "refused")
    remove_night(night=original)
    run_all(queue)
    copy.refresh_from_db()
    assert (copy.state, copy.error) == ("ready", "")


def test_a_queue_that_is_finished_meanwhile_stops_no_hourly_sweep(queue, study, lead, monkeypatch):
    open_queue(study=study, user=lead)
    IntakeQueue.objects.update(used_at=timezone.now() - timedelta(days=8))
    discard = receiving.discard_queue

    def and_the_other_is_used(*, queue: IntakeQueue) -> None:
        discard(queue=queue)
        IntakeQueue.objects.exclude(pk=queue.pk).update(used_at=timezone.now())

    monkeypatch.setattr(receiving, "discard_queue", and_the_other_is_used)
    assert discard_expired() == 1
    states = IntakeQueue.objects.values_list("state", flat=True)
    assert sorted(states) == ["discarded", "open"]


def test_a_part_of_the_hourly_sweep_that_fails_stops_no_other(monkeypatch):
    done = []

    def fail() -> None:
        raise RefusedError("Not now.")

    monkeypatch.setattr(tasks, "discard_expired", fail)
    monkeypatch.setattr(tasks, "finish_removals", lambda: done.append("removals"))
    monkeypatch.setattr(tasks, "sweep_store", lambda: done.append("store"))
    with pytest.raises(RefusedError):
        tasks.sweep_files()
    assert done == ["removals", "store"]


def test_many_nights_are_imported_in_several_steps(queue, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    for number in range(3):
        add_file(queue, f"S0{number}.edf", night_edf(number))
    run_all(queue)
    some = importing._import_some

    def and_somebody_discards_the_rest(queue, pks, user):
        results = some(queue, pks, user)
        discard_queue(queue=queue)
        return results

    monkeypatch.setattr(importing, "_import_some", and_somebody_discards_the_rest)
    results = import_nights(queue=queue, finish=False)
    assert [bool(result.error) for result in results] == [False, False, True]
    assert Recording.objects.count() == 2
    with pytest.raises(IntakeRefusedError):
        import_nights(queue=queue)


@pytest.mark.django_db(transaction=True)
def test_erasing_waits_for_an_act_on_a_queue(study, lead, own_store):
    """The act holds the queue and adds a row that refers to the study; neither is ended."""
    queue = open_queue(study=study, user=lead)
    IntakeNight.objects.create(queue=queue, subject="S01")
    subject = Subject.objects.create(study=study, code="S01")

    def erase() -> None:
        try:
            erase_subject(subject=subject, user=lead, reason="asked for it")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with receiving.changing(queue):
            erased = pool.submit(erase)
            wait_for_a_blocked_lock()
            keep_options(study=study, format_="table", given={"codes": "aasm"}, user=lead)
        erased.result(timeout=20)
    assert study.intake_rules.count() == 1
    assert not queue.nights.exists()


# Recordings of the subject that are in the study already.


def at(start: bytes, seed: int = 0) -> bytes:
    """Twenty minutes that begin at a date and a time of day, such as ``02.11.2622.00.00``."""
    data = edf_bytes(["C4-M1"], seconds=1200, sfreq_hz=100)
    data[168:184] = start
    data[-2 - seed] ^= 1
    return bytes(data)


def imported(queue: IntakeQueue, name: str, data: bytes) -> Recording:
    add_file(queue, name, data)
    run_all(queue)
    [result] = import_nights(queue=queue, finish=False)
    INGESTS.run(result.ingest)
    return Recording.objects.get(pk=result.recording)


def told(queue: IntakeQueue, name: str) -> list[str]:
    doubts = queue.nights.get(file__name=name).doubts
    return [doubt["where"] for doubt in doubts if doubt["code"] == "overlap"]


def test_overlaps_with_recordings_of_the_study_are_told_without_a_date(queue, study, lead):
    first = imported(queue, "S01_N1.edf", at(b"02.11.2622.00.00"))
    assert len(first.stretches) == 5
    assert first.notes == imported(queue, "S02_N1.edf", at(b"02.11.2622.00.00", 1)).notes
    later = open_queue(study=study, user=lead)
    add_file(later, "S01_N2.edf", at(b"02.11.2622.05.00", 2))
    add_file(later, "S01_N3.edf", at(b"03.11.2622.00.00", 3))
    add_file(later, "S03_N1.edf", at(b"02.11.2622.00.00", 4))
    run_all(later)
    assert told(later, "S01_N2.edf") == ["S01 night 1, about 15 min together"]
    assert told(later, "S01_N3.edf") == told(later, "S03_N1.edf") == []
    for result in import_nights(queue=later):
        INGESTS.run(result.ingest)
    [note] = overlap_notes(Recording.objects.get(name="S01 night 2"))
    assert note.endswith("(S01 night 1, about 15 min together).")


def test_an_overlap_is_told_of_both_recordings_to_leads_as_it_is_now(
    queue, client_of, lead, annotator
):
    one = imported(queue, "S01_N1.edf", at(b"02.11.2622.00.00"))
    two = imported(queue, "S01_N2.edf", at(b"02.11.2622.05.00", 1))
    assert [len(overlap_notes(each)) for each in (one, two)] == [1, 1]
    Recording.objects.filter(pk=two.pk).update(name="renamed")
    page, api = f"/recordings/{one.pk}/intake/", f"/api/v1/recordings/{one.pk}/"
    assert "(renamed, about 15 min together)" in client_of(lead).get(page).content.decode()
    assert "(renamed, about 15 min together)" in client_of(lead).get(api).json()["notes"][-1]
    assign(recording=one, annotator=annotator, assigned_by=lead)
    assert "runs at the same time" not in client_of(annotator).get(page).content.decode()
    assert "runs at the same time" not in str(client_of(annotator).get(api).json())
    Recording.objects.filter(pk=two.pk).update(stretches=[])  # its clock was corrected
    assert overlap_notes(one) == []


def test_an_overlap_with_a_recording_that_is_being_imported_is_told(queue):
    add_file(queue, "S01_N1.edf", at(b"02.11.2622.00.00"))
    run_all(queue)
    import_nights(queue=queue, finish=False)
    add_file(queue, "S01_N2.edf", at(b"02.11.2622.10.00", 1))
    run_all(queue)
    assert told(queue, "S01_N2.edf") == ["S01 night 1, 10 min together"]


@pytest.mark.parametrize("start", [b"01.01.8522.00.00", b"xx.xx.xx22.00.00", b"02.11.26xx.xx.xx"])
def test_nothing_is_kept_of_recordings_without_a_date_or_a_clock(queue, start):
    assert imported(queue, "S01_N1.edf", at(start)).stretches == []


def test_nights_that_were_imported_are_told_where_another_window_finishes_the_queue(
    queue, monkeypatch
):
    add_file(queue, "S01.edf", night_edf())
    run_all(queue)
    some = importing._import_some

    def and_the_other_window_finds_nothing_left(locked, pks, user):
        results = some(locked, pks, user)
        assert import_nights(queue=locked) == []
        return results

    monkeypatch.setattr(importing, "_import_some", and_the_other_window_finds_nothing_left)
    [result] = import_nights(queue=queue)
    assert Ingest.objects.get().pk == result.ingest
