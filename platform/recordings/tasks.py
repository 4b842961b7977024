"""Messages to the worker that reads files. They may come twice, late, or never."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from recordings.services.ingest import run_ingest
from recordings.services.leases import ingests_to_send
from recordings.services.orphans import remove_orphans

log = logging.getLogger(__name__)


@shared_task(name="recordings.tasks.ingest_recording")
def ingest_recording(ingest_id: int) -> None:
    run_ingest(ingest_id=ingest_id)


@shared_task(name="recordings.tasks.sweep_ingests")
def sweep_ingests() -> None:
    """Every few seconds, by beat: send what was lost and what a dead worker held."""
    for ingest_id in ingests_to_send():
        send_ingest(ingest_id)


@shared_task(name="recordings.tasks.sweep_files")
def sweep_files() -> None:
    """Every hour, by beat: delete what killed processes left in the store and on its way in."""
    if removed := remove_orphans():
        log.warning("%s files that belonged to no recording were deleted", removed)


def send_ingest(ingest_id: int) -> None:
    """Send one ingest to the worker. Call after commit; without a broker the sweep sends it."""
    try:
        ingest_recording.apply_async([ingest_id], retry=False)
    except OperationalError:
        log.warning("the broker is away: ingest %s waits for the sweep", ingest_id)
