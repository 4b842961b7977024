"""Imports as acts: files given, options changed, confirmed, discarded. Nothing is written here."""

import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from annotations.exchange.files import check_names
from annotations.exchange.models import MassexImport
from annotations.exchange.plan import ImportOptions, Outcome
from psg.errors import RefusedError, StageFileError
from studies.models import Study, User

State = MassexImport.State
LIMIT_BYTES = 64 * 2**20
KEPT_FOR = timedelta(days=7)


class ImportRefusedError(RefusedError):
    """An act that the state of the import does not allow; the text says why."""

    status = 409


@dataclass(frozen=True)
class GivenFile:
    """A file as it comes: its path in the folder it was taken from, its size and its pieces."""

    path: str
    size: int
    chunks: Iterable[bytes]


def request_import(
    *, study: Study, files: Sequence[GivenFile], options: ImportOptions, user: User | None
) -> MassexImport:
    """Keep what was given as one zip and put its reading on the list; the caller enqueues it.

    Raises
    ------
    StageFileError
        When there is nothing, too much, or several zips at once.
    """
    _check(files)
    with tempfile.TemporaryFile() as kept:
        _keep(files, kept)
        kept.seek(0)
        made = MassexImport(study=study, options=options.as_json(), requested_by=user)
        made.file.save("massex.zip", File(kept), save=False)
    try:
        made.save()
    except BaseException:
        made.file.delete(save=False)
        raise
    return made


@transaction.atomic
def look_again(*, massex_import: MassexImport, options: ImportOptions) -> None:
    """Have the files read once more, under other options or after the study has changed."""
    found = _locked(massex_import)
    if not found.is_open:
        raise ImportRefusedError("It is being worked on, or it is over.")
    _start(found, options=options.as_json(), preview=None, is_confirmed=False)


@transaction.atomic
def confirm_import(*, massex_import: MassexImport, paths: Sequence[str]) -> None:
    """Put the writing of these files on the list, as the preview shows them.

    Raises
    ------
    ImportRefusedError
    """
    found = _locked(massex_import)
    if found.state != State.READY or found.preview is None:
        raise ImportRefusedError("It was confirmed, or discarded, before.")
    writable = (Outcome.NEW, Outcome.DIFFERENT)
    known = {row["path"] for row in found.preview["files"] if row["outcome"] in writable}
    if not paths or not known.issuperset(paths):
        raise ImportRefusedError("Choose at least one file that would change something.")
    _start(found, chosen=sorted(set(paths)), is_confirmed=True)


@transaction.atomic
def discard_import(*, massex_import: MassexImport) -> None:
    """Let the files go; nothing was written."""
    found = _locked(massex_import)
    if not found.is_open:
        raise ImportRefusedError("It is being worked on, or it is over.")
    name, found.file = found.file.name or "", ""
    found.state, found.finished_at = State.DISCARDED, timezone.now()
    found.save()
    drop_files(name)


def drop_files(name: str) -> None:
    """Delete what was given, after the commit."""
    storage = MassexImport._meta.get_field("file").storage
    transaction.on_commit(partial(storage.delete, name))


def discard_forgotten() -> int:
    """Discard imports that nobody has confirmed for a week; returns how many."""
    forgotten = MassexImport.objects.filter(
        state__in=[State.READY, State.FAILED], created_at__lt=timezone.now() - KEPT_FOR
    )
    for massex_import in forgotten:
        discard_import(massex_import=massex_import)
    return len(forgotten)


def _start(massex_import: MassexImport, **changes: object) -> None:
    for name, value in changes.items():
        setattr(massex_import, name, value)
    massex_import.state, massex_import.error = State.WAITING, ""
    massex_import.attempt = massex_import.done = 0
    massex_import.save()


def _locked(massex_import: MassexImport) -> MassexImport:
    return MassexImport.objects.select_for_update(of=("self",)).get(pk=massex_import.pk)


def _check(files: Sequence[GivenFile]) -> None:
    if not files:
        raise StageFileError("No file came", advice="Choose csv files, a folder or a zip.")
    if sum(file.size for file in files) > LIMIT_BYTES:
        raise StageFileError(
            "The files are too large", where=f"over {LIMIT_BYTES // 2**20} MiB", advice="Zip them."
        )
    if len(files) > 1 and any(_is_zip(file) for file in files):
        raise StageFileError("A zip comes alone", advice="Give one zip, or csv files.")
    check_names([file.path for file in files])


def _keep(files: Sequence[GivenFile], kept: IO[bytes]) -> None:
    if _is_zip(files[0]):
        for chunk in files[0].chunks:
            kept.write(chunk)
        return
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            with archive.open(zipfile.ZipInfo(file.path), "w") as entry:
                for chunk in file.chunks:
                    entry.write(chunk)


def _is_zip(file: GivenFile) -> bool:
    return file.path.casefold().endswith(".zip")
