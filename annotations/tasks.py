"""The hourly deletion of files that belong to no row. Other tasks are in `jobs.tasks`."""

import logging

from celery import shared_task

from annotations.exchange.imports import discard_forgotten
from annotations.exchange.models import Export, MassexImport
from annotations.releases.models import Release
from recordings.orphans import remove_stored_orphans

log = logging.getLogger(__name__)


@shared_task
def sweep_export_files() -> None:
    """Delete zips whose worker was killed before it wrote their row, and forgotten imports.

    Celery beat runs this every hour. An import is forgotten if nobody confirms it for a week.
    """
    if forgotten := discard_forgotten():
        log.info("%s imports that nobody confirmed were discarded", forgotten)
    for model in (Export, MassexImport, Release):
        if removed := remove_stored_orphans(model, "file"):
            log.warning("%s files that belonged to no %s were deleted", removed, model.__name__)
