"""The hourly end of imports that nobody confirmed. Other tasks are in `jobs.tasks`."""

import logging
from contextlib import ExitStack

from celery import shared_task

from annotations.exchange.imports import discard_expired
from annotations.releases.erasing import rewrite_due_releases
from recordings.orphans import sweep_store, sweeps_are_held
from recordings.store import is_of_other_database

log = logging.getLogger(__name__)


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
