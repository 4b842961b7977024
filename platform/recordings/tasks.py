"""Tasks of recordings beside ingest: the hourly sweep of files, and the search for events."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError
from redis import RedisError

from jobs.workers import connect
from recordings.candidates import search_night
from recordings.orphans import remove_orphans

# A search asked for again within this time is the same wish; after it, the message was lost.
SEARCH_WISH_S = 120

log = logging.getLogger(__name__)


@shared_task(name="recordings.tasks.sweep_files")
def sweep_files() -> None:
    """Every hour, by beat: delete what killed processes left in the store and on its way in."""
    if removed := remove_orphans():
        log.warning("%s files that belonged to no recording were deleted", removed)


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
