"""Messages to the worker that reads files. They may come twice, late, or never."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError
from redis import RedisError

from recordings.candidates import search_night
from recordings.ingest import run_ingest
from recordings.leases import ingests_to_send
from recordings.orphans import remove_orphans
from recordings.workers import connect

# A search asked for again within this time is the same wish; after it, the message was lost.
SEARCH_WISH_S = 120

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


@shared_task(name="recordings.tasks.search_recording")
def search_recording(recording_id: int) -> None:
    search_night(recording_id=recording_id)


def send_search(recording_id: int) -> None:
    """Have a night searched for events, once however often it is asked for. Call after commit."""
    try:
        wish = f"epochwise:search:{recording_id}"
        if connect().set(wish, "1", nx=True, ex=SEARCH_WISH_S):
            search_recording.apply_async([recording_id], retry=False)
    except (OperationalError, RedisError):
        log.warning(
            "the broker is away: recording %s is searched when asked for again", recording_id
        )
