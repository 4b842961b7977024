"""Remove orphans: files without a database row, left behind by a killed process.

Only files older than a day are removed. A file that is being stored gets its row much earlier.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage
from django.db.models import FileField, Model
from django.utils import timezone

from recordings.models import Ingest, Recording

LEFT_BEHIND_AFTER = timedelta(days=1)
STORED = ("signals_file", "raw_file", "spectrogram_file")


def remove_orphans() -> int:
    """Delete files of recordings and uploads without a row; return their number."""
    stored = sum(remove_stored_orphans(Recording, field) for field in STORED)
    incoming = list(_incoming_orphans())
    for path in incoming:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return stored + len(incoming)


def remove_stored_orphans(model: type[Model], field_name: str) -> int:
    """Delete files without a row from the folder of a file field; return their number."""
    field = model._meta.get_field(field_name)
    assert isinstance(field, FileField)
    known = set(model._default_manager.values_list(field_name, flat=True))
    orphans = [
        name
        for name in _names(field.storage, str(field.upload_to))
        if name not in known and field.storage.get_modified_time(name) < _deadline()
    ]
    for name in orphans:
        field.storage.delete(name)
    return len(orphans)


def _names(storage: Storage, folder: str) -> list[str]:
    try:
        _, files = storage.listdir(folder)
    except FileNotFoundError:
        return []  # nothing was stored yet
    return [f"{folder}/{file}" for file in files]


def _incoming_orphans() -> Iterator[Path]:
    """Yield files and work folders of uploads that no ingest needs."""
    root = Path(settings.INCOMING_ROOT)
    live = Ingest.objects.filter(state__in=[Ingest.State.WAITING, Ingest.State.RUNNING])
    needed = {name for row in live.values_list("incoming_path", "stages_path") for name in row}
    for path in root.iterdir() if root.exists() else ():
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        # The work folder of x.edf is x.edf.1, of its second attempt x.edf.2.
        if changed < _deadline() and not {path.name, path.stem} & needed:
            yield path


def _deadline() -> datetime:
    return timezone.now() - LEFT_BEHIND_AFTER
