"""The hourly sweep of files. Work under a lease is done by jobs.tasks."""

import logging

from celery import shared_task

from annotations.exchange.imports import discard_forgotten
from annotations.exchange.models import Export, MassexImport
from annotations.releases.models import Release
from recordings.orphans import remove_stored_orphans

log = logging.getLogger(__name__)


@shared_task
def sweep_export_files() -> None:
    """Every hour, by beat: delete zips whose worker was killed before their row was written.

    Imports that nobody has confirmed for a week go too.
    """
    if forgotten := discard_forgotten():
        log.info("%s imports that nobody confirmed were discarded", forgotten)
    for model in (Export, MassexImport, Release):
        if removed := remove_stored_orphans(model, "file"):
            log.warning("%s files that belonged to no %s were deleted", removed, model.__name__)
