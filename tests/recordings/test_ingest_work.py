"""The work of ingest under trouble: killed workers, lost and doubled messages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recordings.ingest import run_ingest, work_on
from recordings.intake import incoming_path, receive_recording
from recordings.leases import LeaseLostError, claim_ingest, ingests_to_send
from recordings.models import Ingest, Recording, recording_ready
from recordings.tasks import sweep_files
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import files_below, incoming, make_old, stored_night


@pytest.fixture
def waiting(study) -> Ingest:
    return receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100)))


def expire(ingest: Ingest) -> None:
    Ingest.objects.filter(pk=ingest.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def test_a_message_that_comes_twice_is_worked_on_once(waiting):
    run_ingest(ingest_id=waiting.pk)
    run_ingest(ingest_id=waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("done", 1)


def test_two_workers_never_work_on_one_file(waiting):
    assert claim_ingest(ingest_id=waiting.pk) is not None
    assert claim_ingest(ingest_id=waiting.pk) is None


def test_a_killed_worker_costs_an_attempt_and_nothing_else(waiting, media):
    killed = claim_ingest(ingest_id=waiting.pk)
    killed.report("filter", 40)
    left_behind = incoming_path(f"{waiting.incoming_path}.1")
    left_behind.mkdir()
    (left_behind / "signals.epw.7.part").write_bytes(b"half")
    assert ingests_to_send() == []
    expire(waiting)
    assert ingests_to_send() == [waiting.pk]
    run_ingest(ingest_id=waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("done", 2)
    assert Recording.objects.get().state == Recording.State.READY
    assert len(files_below(media)) == 3


def test_a_worker_that_lost_its_lease_changes_nothing(waiting):
    slow = claim_ingest(ingest_id=waiting.pk)
    expire(waiting)
    run_ingest(ingest_id=waiting.pk)
    with pytest.raises(LeaseLostError):
        slow.report("filter", 50)
    work_on(slow)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempt, waiting.error) == ("done", 2, "")


def test_a_file_that_kills_every_worker_fails_in_the_end(waiting, media):
    for _ in range(3):
        assert claim_ingest(ingest_id=waiting.pk) is not None
        expire(waiting)
    run_ingest(ingest_id=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.FAILED
    assert "stopped 3 times" in waiting.error
    assert files_below(media) == []


def test_a_lost_message_is_sent_again_and_not_at_every_sweep(waiting):
    assert ingests_to_send() == [waiting.pk]
    assert ingests_to_send() == []
    expire(waiting)
    assert ingests_to_send() == [waiting.pk]


def test_an_upload_lost_from_disk_is_told(waiting):
    incoming_path(waiting.incoming_path).unlink()
    run_ingest(ingest_id=waiting.pk)
    waiting.refresh_from_db()
    assert "gone from the server" in waiting.error


def test_progress_grows_while_the_file_is_read(waiting):
    lease = claim_ingest(ingest_id=waiting.pk)
    seen = []

    class Watching(type(lease)):
        def report(self, step, percent):
            super().report(step, percent)
            seen.append((step, percent))

    work_on(Watching(lease.ingest_id, lease.attempt))
    steps = list(dict.fromkeys(step for step, _ in seen))
    percents = [percent for _, percent in seen]
    assert steps == ["verify", "de-identify", "filter", "spectrogram", "raw view", "store"]
    assert percents == sorted(percents)


def test_a_night_whose_last_step_is_rolled_back_leaves_no_files(waiting, media):
    def fail(**_):
        raise RuntimeError("somebody who is told of the night cannot take it")

    recording_ready.connect(fail)
    try:
        run_ingest(ingest_id=waiting.pk)
    finally:
        recording_ready.disconnect(fail)
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.FAILED
    assert Recording.objects.get().state == Recording.State.FAILED
    assert files_below(media) == []


def test_files_without_a_row_are_swept_after_a_day_and_no_others(study, waiting, media):
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
    sweep_files()
    assert set(files_below(media)) == kept | {young}
    assert not folder.exists()
    run_ingest(ingest_id=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Ingest.State.DONE
    assert night.signals_file.storage.exists(night.signals_file.name)
