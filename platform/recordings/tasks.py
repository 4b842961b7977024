"""Tasks of recordings beside ingest: the hourly sweep of files, and the search for events."""

import logging
from contextlib import ExitStack

from celery import shared_task
from kombu.exceptions import OperationalError
from redis import RedisError

from jobs.workers import connect
from recordings.candidates import search_night
from recordings.intake.receiving import discard_expired
from recordings.orphans import sweep_store
from recordings.removals import finish_removals

# A search requested again within this time is not sent again; later, its message counts as lost.
SEARCH_REQUEST_S = 120

log = logging.getLogger(__name__)


@shared_task(name="recordings.tasks.sweep_files")
def sweep_files() -> None:
    """Every hour, by beat: discard forgotten queues, finish removals, sweep the store.

    Each is done whatever becomes of the others; a fault is raised after the last.
    """
    with ExitStack() as parts:
        for part in (sweep_store, finish_removals, discard_expired):  # the last one first
            parts.callback(part)


@shared_task(name="recordings.tasks.search_recording")
def search_recording(recording_id: int) -> None:
    search_night(recording_id=recording_id)


def send_search(recording_id: int) -> None:
    """Send a search for events, once for repeated requests. Call after commit."""
    try:
        request = f"epochwise:search:{recording_id}"
        if connect().set(request, "1", nx=True, ex=SEARCH_REQUEST_S):
            search_recording.apply_async([recording_id], retry=False)
    except (OperationalError, RedisError):
        log.warning(
            "the broker does not answer: recording %s is searched at the next request", recording_id
        )
