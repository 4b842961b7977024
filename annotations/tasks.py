"""Work of the annotations app that happens in the worker."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from annotations.models import Export, Release
from annotations.services.exports import (
    LeaseLostError,
    claim_export,
    exports_to_enqueue,
    give_back_export,
    make_export,
)
from annotations.services.release_work import (
    claim_release,
    freeze_release,
    give_back_release,
    releases_to_enqueue,
)
from annotations.services.releases import ReleaseRefusedError
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
    for model in (Export, Release):
        if removed := remove_stored_orphans(model, "file"):
            log.warning("%s files that belonged to no %s were deleted", removed, model.__name__)


@shared_task
def run_freeze(release_id: int) -> None:
    """Freeze one release; called twice it is frozen once."""
    release = claim_release(release_id=release_id)
    if release is None:
        return
    try:
        freeze_release(release=release)
    except LeaseLostError:
        log.warning("release %s was taken over by another worker", release_id)
    except ReleaseRefusedError as refused:
        give_back_release(release=release, error=str(refused), is_final=True)
    except Exception as error:
        log.exception("release %s could not be frozen", release_id)
        give_back_release(
            release=release, error=f"The release could not be made: {error}", is_final=False
        )


@shared_task
def sweep_releases() -> None:
    """Enqueue what no worker has: messages are lost, rows are not."""
    for release_id in releases_to_enqueue():
        send_freeze(release_id)


def send_freeze(release_id: int) -> None:
    """Send one release to the worker. Call after commit; without a broker the sweep sends it."""
    try:
        run_freeze.apply_async([release_id], retry=False)
    except OperationalError:
        log.warning("the broker is away: release %s waits for the sweep", release_id)
