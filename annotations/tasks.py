"""Work of the annotations app that happens in the worker."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from annotations.models import Export
from annotations.services.exports import (
    LeaseLostError,
    claim_export,
    exports_to_enqueue,
    give_back_export,
    make_export,
)
from recordings.services.orphans import remove_stored_orphans

log = logging.getLogger(__name__)


@shared_task
def run_export(export_id: int) -> None:
    """Make one export; called twice it is made once."""
    export = claim_export(export_id=export_id)
    if export is None:
        return
    try:
        make_export(export=export)
    except LeaseLostError:
        log.warning("export %s was taken over by another worker", export_id)
    except Exception as error:
        log.exception("export %s failed", export_id)
        give_back_export(export=export, error=f"The export could not be made: {error}")


@shared_task
def sweep_exports() -> None:
    """Enqueue what no worker has: messages are lost, rows are not."""
    for export_id in exports_to_enqueue():
        send_export(export_id)


def send_export(export_id: int) -> None:
    """Send one export to the worker. Call after commit; without a broker the sweep sends it."""
    try:
        run_export.apply_async([export_id], retry=False)
    except OperationalError:
        log.warning("the broker is away: export %s waits for the sweep", export_id)


@shared_task
def sweep_export_files() -> None:
    """Every hour, by beat: delete zips whose worker was killed before their row was written."""
    if removed := remove_stored_orphans(Export, "file"):
        log.warning("%s files that belonged to no export were deleted", removed)
