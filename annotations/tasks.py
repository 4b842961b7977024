"""Messages to the worker of the annotations app. They may come twice, late, or never.

What is to be done stands on rows; every few seconds a sweep sends those that no worker has.
"""

import logging

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from annotations.exchange.exports import exports_to_enqueue, work_on_export
from annotations.exchange.import_work import imports_to_enqueue, work_on_import
from annotations.exchange.imports import discard_forgotten
from annotations.exchange.models import Export, MassexImport
from annotations.rating.lifecycle import launches_to_enqueue, work_on_launch
from annotations.releases.models import Release
from annotations.releases.work import releases_to_enqueue, work_on_release
from recordings.orphans import remove_stored_orphans

log = logging.getLogger(__name__)


@shared_task
def run_export(export_id: int) -> None:
    work_on_export(export_id=export_id)


@shared_task
def sweep_exports() -> None:
    for export_id in exports_to_enqueue():
        send_export(export_id)


def send_export(export_id: int) -> None:
    """Send one export to the worker. Call after commit."""
    _send(run_export, export_id)


@shared_task
def run_freeze(release_id: int) -> None:
    work_on_release(release_id=release_id)


@shared_task
def sweep_releases() -> None:
    for release_id in releases_to_enqueue():
        send_freeze(release_id)


def send_freeze(release_id: int) -> None:
    """Send one release to the worker. Call after commit."""
    _send(run_freeze, release_id)


@shared_task
def run_launch(rating_study_id: int) -> None:
    work_on_launch(rating_study_id=rating_study_id)


@shared_task
def sweep_launches() -> None:
    for rating_study_id in launches_to_enqueue():
        send_launch(rating_study_id)


def send_launch(rating_study_id: int) -> None:
    """Send one rating study to the worker. Call after commit."""
    _send(run_launch, rating_study_id)


@shared_task
def run_import(import_id: int) -> None:
    work_on_import(import_id=import_id)


@shared_task
def sweep_imports() -> None:
    for import_id in imports_to_enqueue():
        send_import(import_id)


def send_import(import_id: int) -> None:
    """Send one import to the worker. Call after commit."""
    _send(run_import, import_id)


def _send(task: Task, pk: int) -> None:
    try:
        task.apply_async([pk], retry=False)
    except OperationalError:
        log.warning("the broker is away: %s of %s waits for the sweep", task.name, pk)


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
