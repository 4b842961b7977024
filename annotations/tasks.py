"""The tasks of annotations. Kinds of work register themselves when their rooms are imported."""

import logging

from celery import shared_task

from annotations.exchange.exports import EXPORTS
from annotations.exchange.import_work import IMPORTS
from annotations.exchange.imports import discard_forgotten
from annotations.rating.lifecycle import LAUNCHES
from annotations.releases.work import RELEASES
from recordings.orphans import remove_stored_orphans

# The kinds of work under a lease, done by jobs.tasks.work.
JOBS = (EXPORTS, IMPORTS, LAUNCHES, RELEASES)

log = logging.getLogger(__name__)


@shared_task
def sweep_export_files() -> None:
    """Every hour, by beat: delete zips whose worker was killed before their row was written.

    Imports that nobody has confirmed for a week go too.
    """
    if forgotten := discard_forgotten():
        log.info("%s imports that nobody confirmed were discarded", forgotten)
    for model in (EXPORTS.model, IMPORTS.model, RELEASES.model):
        if removed := remove_stored_orphans(model, "file"):
            log.warning("%s files that belonged to no %s were deleted", removed, model.__name__)
