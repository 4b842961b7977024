"""The hourly end of imports that nobody confirmed. Other tasks are in `jobs.tasks`."""

import logging

from celery import shared_task

from annotations.exchange.imports import discard_forgotten
from recordings.orphans import sweep_store
from recordings.store import is_of_other_database

log = logging.getLogger(__name__)


@shared_task
def sweep_export_files() -> None:
    """Discard forgotten imports, then sweep the store as `recordings.tasks` does.

    Celery beat runs this every hour. An import is forgotten if nobody confirms it for a week. Its
    files are deleted by name, so nothing is done beside the store of another database.
    """
    if not is_of_other_database() and (forgotten := discard_forgotten()):
        log.info("%s imports that nobody confirmed were discarded", forgotten)
    sweep_store()
