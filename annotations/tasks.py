"""Stored agreement, mails of reminders, due dates, and what is done every hour.

Other tasks are in `jobs.tasks`.
"""

import logging
from contextlib import ExitStack, suppress

from celery import shared_task
from kombu.exceptions import OperationalError
from redis import RedisError

from annotations.agreement.nights import refresh_nights
from annotations.exchange.imports import discard_expired
from annotations.releases.erasing import rewrite_due_releases
from annotations.scoring import notices
from annotations.scoring.reminders import by_scorer, mail_reminders
from jobs.workers import connect
from recordings.orphans import sweep_store, sweeps_are_held
from recordings.store import is_of_other_database

# A request for the agreement of a study counts as lost after this time, if no worker has answered.
REFRESH_REQUEST_S = 600

log = logging.getLogger(__name__)


@shared_task
def refresh_nights_of(study_id: int) -> None:
    try:
        refresh_nights(study_id)
    finally:
        with suppress(RedisError):
            connect().delete(_refresh_request(study_id))


def _refresh_request(study_id: int) -> str:
    return f"epochwise:nights:{study_id}"


def send_refresh_of_nights(study_id: int) -> None:
    """Have a worker compute the agreement that is missing.

    Nothing is sent while an earlier request waits or is worked on: the list is asked for with
    every letter of a search.
    """
    try:
        if connect().set(_refresh_request(study_id), "1", nx=True, ex=REFRESH_REQUEST_S):
            refresh_nights_of.apply_async([study_id], retry=False)
    except (OperationalError, RedisError):
        log.warning("the broker does not answer: agreement is computed at the next request")


@shared_task
def mail_reminders_of(scoring_ids: list[int]) -> None:
    mail_reminders(scoring_ids)


def send_reminders(scoring_ids: list[int]) -> None:
    """Have a worker send the mails of reminders, which are on the start pages in any case.

    Each person has a message of their own: a worker that stops repeats one mail at most.
    """
    try:
        for theirs in by_scorer(scoring_ids):
            mail_reminders_of.apply_async([theirs], retry=False)
    except (OperationalError, RedisError):
        log.warning("the broker does not answer: %s reminders are not mailed", len(scoring_ids))


@shared_task
def note_due_dates() -> None:
    """Tell scorers what is due soon or overdue; runs every few minutes."""
    notices.note_due_dates()


@shared_task
def write_releases_again() -> None:
    """Write the files of releases without nights that were erased."""
    if left := rewrite_due_releases():
        log.warning("%s releases still hold erased nights; nobody gets their files", left)


@shared_task
def sweep_export_files() -> None:
    """Discard forgotten imports, finish erasures, then sweep the store as `recordings.tasks` does.

    Celery beat runs this every hour. An import is forgotten if nobody confirms it for a week. Its
    files are deleted by name, so nothing is done beside the store of another database; and by
    age, so nothing is done after a jump of the clock. Each part is done whatever becomes of the
    others; a fault is raised after the last.
    """
    with ExitStack() as parts:
        for part in (sweep_store, write_releases_again, _discard_forgotten):  # the last one first
            parts.callback(part)


def _discard_forgotten() -> None:
    may_discard = not is_of_other_database() and not sweeps_are_held()
    if may_discard and (forgotten := discard_expired()):
        log.info("%s imports that nobody confirmed were discarded", forgotten)
