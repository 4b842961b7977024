"""Ingest with faults: killed workers, lost and repeated messages."""

import pytest
from django.db import InterfaceError, OperationalError

from jobs.models import LeaseLostError
from recordings import incoming as received
from recordings.incoming import IncomingFile, incoming_path, receive_recording
from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording, recording_ready
from recordings.orphans import sweep_store
from tests.helpers.edf_files import edf_bytes
from tests.helpers.jobs import expire, swept
from tests.helpers.nights import files_below, incoming, make_old, stored_night


@pytest.fixture
def waiting(study) -> Ingest:
    return receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100)))


def test_a_message_that_comes_twice_is_worked_on_once(waiting):
    INGESTS.run(waiting.pk)
    INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("done", 1)


def test_a_killed_worker_costs_an_attempt_and_nothing_else(waiting, media):
    killed = INGESTS.claim(waiting.pk)
    killed.renew(step="filter", done=40)
    left_behind = incoming_path(f"{waiting.incoming_path}.1")
    left_behind.mkdir()
    (left_behind / "signals.epw.7.part").write_bytes(b"half")
    assert swept(INGESTS) == []
    expire(waiting)
    assert swept(INGESTS) == [waiting.pk]
    INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("done", 2)
    assert Recording.objects.get().state == Recording.State.READY
    assert len(files_below(media)) == 3


def test_a_worker_that_lost_its_lease_changes_nothing(waiting):
    slow = INGESTS.claim(waiting.pk)
    expire(waiting)
    INGESTS.run(waiting.pk)
    with pytest.raises(LeaseLostError):
        slow.renew(step="filter", done=50)
    INGESTS.attempt(slow)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt, waiting.error) == ("done", 2, "")


def test_a_file_that_kills_every_worker_fails_in_the_end(waiting, media):
    for _ in range(3):
        assert INGESTS.claim(waiting.pk) is not None
        expire(waiting)
    INGESTS.sweep()
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.FAILED
    assert "stopped 3 times" in waiting.error
    assert files_below(media) == []


def test_an_upload_lost_from_disk_is_told(waiting):
    incoming_path(waiting.incoming_path).unlink()
    INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert "gone from the server" in waiting.error


@pytest.mark.parametrize(
    ("name", "text"), [("s.json", b'["\\u0000"]'), ("s.json", b'["\\ud800"]'), ("s.csv", b"\0")]
)
def test_a_refusal_that_quotes_what_no_database_holds_is_stored(study, name, text):
    ingest = receive_recording(
        study=study,
        file=incoming(edf_bytes(sfreq_hz=100)),
        stages=IncomingFile(chunks=[text], name=name),
    )
    INGESTS.run(ingest.pk)
    ingest.refresh_from_db()
    assert ingest.state == Ingest.State.FAILED
    assert "stage" in ingest.error


def test_lights_marks_outside_the_night_are_left_out_with_a_note(study):
    marks = [
        (0, 30, "Sleep stage W"),
        (30, 30, "Sleep stage 2"),
        (900_000_000_000.0, 0, "Lights off"),
    ]
    stages = edf_bytes(["EEG C4"], seconds=60, annotations=marks)
    ingest = receive_recording(
        study=study, file=incoming(edf_bytes()), stages=incoming(stages, "stages.edf")
    )
    INGESTS.run(ingest.pk)
    recording = Recording.objects.get()
    assert recording.lights_off_s is None
    assert any("lights marks" in note for note in recording.notes)


@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left on device"), OperationalError("the connection is lost")]
)
def test_a_full_disk_or_a_lost_database_is_tried_again(waiting, monkeypatch, fault):
    def fail(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr("recordings.ingest._finish", fail)
        INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("waiting", 1)
    INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("done", 2)


def test_a_fault_of_the_reader_names_itself(waiting, monkeypatch):
    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("recordings.ingest.store_night", stumble)
    INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.FAILED
    assert "ZeroDivisionError: division by zero" in waiting.error
    assert "unknown" not in waiting.error


def test_progress_grows_while_the_file_is_read(waiting, monkeypatch):
    seen = []

    def watched(ingest, **progress):
        seen.append((progress["step"], progress["done"]))
        renew(ingest, **progress)

    renew = Ingest.renew
    monkeypatch.setattr(Ingest, "renew", watched)
    INGESTS.run(waiting.pk)
    steps = list(dict.fromkeys(step for step, _ in seen))
    percents = [percent for _, percent in seen]
    assert steps == ["de-identify", "filter", "spectrogram", "raw view", "store"]
    assert percents == sorted(percents)


def test_a_night_whose_last_step_is_rolled_back_leaves_no_files(waiting, media):
    def fail(**_):
        raise RuntimeError("somebody who is told of the night cannot take it")

    recording_ready.connect(fail)
    try:
        INGESTS.run(waiting.pk)
    finally:
        recording_ready.disconnect(fail)
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.FAILED
    assert Recording.objects.get().state == Recording.State.FAILED
    assert files_below(media) == []


def test_files_without_a_row_are_swept_after_a_day_and_no_others(own_store, study, waiting, media):
    night = stored_night(study=study, data=edf_bytes(seconds=90, sfreq_hz=100))
    kept = set(files_below(media))
    orphans = [media / name for name in ("signals/old.epw", "raw/old.epw", "incoming/x.edf")]
    for path in orphans:
        path.write_bytes(b"left behind")
    folder = media / "incoming" / "x.edf.1"
    folder.mkdir()
    young = media / "signals" / "young.epw"
    young.write_bytes(b"being stored now")
    for path in [*kept, *orphans, folder]:
        make_old(path)
    sweep_store(at_once=4)
    in_quarantine = set(files_below(media / "quarantine"))
    assert set(files_below(media)) - in_quarantine == kept | {young}
    assert {path.name for path in in_quarantine} == {"old.epw", "x.edf", "manifest.jsonl"}
    assert not folder.exists()
    INGESTS.run(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.DONE
    assert night.signals_file.storage.exists(night.signals_file.name)


def test_what_a_process_of_an_earlier_version_wrote_of_a_night_holds(study):
    """During a restart it writes rows after the migration that brings them into the new form."""
    earlier = receive_recording(
        study=study, file=incoming(edf_bytes(sfreq_hz=100)), stages=incoming(b"W\n1\n")
    )
    Ingest.objects.update(decisions={}, epoch_start_s=10.0, stage_codes="rk")
    earlier.refresh_from_db()
    assert [source.options["codes"] for source in earlier.stage_sources] == ["rk"]
    Ingest.objects.update(stages_path="")
    INGESTS.run(earlier.pk)
    recording = Recording.objects.get()
    assert (recording.state, recording.epoch0_s) == ("ready", 10.0)
    assert "Epoch 1 starts at 10 s." in recording.intake["answers"]


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("gone")])
def test_a_connection_that_breaks_after_the_commit_loses_no_upload(study, monkeypatch, error):
    queue = received.queue_ingest

    def and_the_answer_is_lost(**row):
        queue(**row)
        raise error

    monkeypatch.setattr(received, "queue_ingest", and_the_answer_is_lost)
    with pytest.raises(type(error)):
        receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100)))
    ingest = Ingest.objects.get()
    INGESTS.run(ingest.pk)
    assert Recording.objects.get().state == "ready"
