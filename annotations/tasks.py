"""Work of the annotations app that happens in the worker."""

import logging

from celery import shared_task

from annotations.services.exports import (
    LeaseLostError,
    claim_export,
    exports_to_enqueue,
    give_back_export,
    make_export,
)

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
        run_export.delay(export_id)
