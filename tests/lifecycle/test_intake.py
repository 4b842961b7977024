"""Erasing a recording or a subject reaches the intake queues of the study."""

import pytest

from epochwise.lifecycle.erasing import erase_recording, erase_subject, nights_of
from epochwise.lifecycle.reach import reach_of
from recordings.ingest import INGESTS
from recordings.intake.importing import import_nights
from recordings.intake.models import IntakeNight
from recordings.intake.receiving import open_queue
from recordings.models import Recording, Subject
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, run_all
from tests.helpers.nights import files_below


@pytest.fixture
def queue(study, lead, own_store):
    """A night of S01 that was imported, and another that waits."""
    queue = open_queue(study=study, user=lead)
    add_file(queue, "S01_N1.edf", edf_bytes(sfreq_hz=100))
    add_file(queue, "S01_N2.edf", edf_bytes(sfreq_hz=100, seconds=90))
    run_all(queue)
    [first, _] = queue.nights.order_by("number").values_list("pk", flat=True)
    [result] = import_nights(queue=queue, nights=[first], user=lead)
    INGESTS.run(result.ingest)
    return queue


def test_an_erased_recording_leaves_no_row_in_the_queue(queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erase_recording(recording=Recording.objects.get(), user=None, reason="withdrawn")
    assert IntakeNight.objects.get().number == 2


def test_an_erased_subject_takes_its_waiting_nights_along(
    queue, study, media, django_capture_on_commit_callbacks
):
    subject = Subject.objects.get()
    pks = list(Recording.objects.values_list("pk", flat=True))
    counts = reach_of(nights_of(study, pks, subject)).counts
    assert counts["nights of the subject in open intake queues"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        erase_subject(subject=subject, user=None, reason="withdrawn")
    assert not IntakeNight.objects.exists()
    assert files_below(media / "incoming") == []
