"""Deleting stored files together with the change of the database that makes them unnecessary."""

import logging
import shutil
from collections.abc import Iterable

from django.db import transaction

from recordings.models import FileRemoval
from recordings.store import is_of_other_database, store_root

log = logging.getLogger(__name__)


def remove_files(paths: Iterable[str]) -> None:
    """List files and folders of the store for deletion, after the commit.

    Call in the transaction of the change. The list is a table, so after a process was killed
    the next sweep continues.
    """
    FileRemoval.objects.bulk_create([FileRemoval(path=path) for path in paths if path])
    transaction.on_commit(finish_removals)


def finish_removals() -> int:
    """Delete the listed files; return how many are still there, each with its error."""
    if is_of_other_database():
        return FileRemoval.objects.count()
    for pk in FileRemoval.objects.values_list("pk", flat=True):
        with transaction.atomic():
            removal = FileRemoval.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if removal is not None:
                _finish(removal)
    return FileRemoval.objects.count()


def _finish(removal: FileRemoval) -> None:
    path = store_root() / removal.path
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("a stored file cannot be deleted and is tried again: %s", error)
        removal.error = str(error)
        removal.save(update_fields=["error"])
    else:
        removal.delete()
