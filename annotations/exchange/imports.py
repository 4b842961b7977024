"""Starting, previewing again, confirming and discarding imports; the worker writes them."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TypeVar

from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotations.exchange.files import check_names
from annotations.exchange.models import FileImport, MassexImport, ScoringImport
from annotations.exchange.plan import FileResult, ImportOptions, Outcome
from annotations.exchange.stage_plan import StageImportOptions
from psg.errors import RefusedError, StageFileError
from psg.typed_json import JsonObject
from recordings.removals import remove_files
from recordings.store import unnamed_file
from recordings.storing import COMMIT_IS_UNKNOWN
from studies.audit import record
from studies.models import Act, Study, User

State = FileImport.State
Import = TypeVar("Import", bound=FileImport)
Options = ImportOptions | StageImportOptions
LIMIT_BYTES = 64 * 2**20
KEPT_FOR = timedelta(days=7)


class ImportRefusedError(RefusedError):
    """An act that the state of the import does not allow; the message gives the reason."""

    status = 409


@dataclass(frozen=True)
class GivenFile:
    """A received file: its path in the folder of the sender, its size and its content."""

    path: str
    size: int
    chunks: Iterable[bytes]


def request_import(
    *, study: Study, files: Sequence[GivenFile], options: ImportOptions, user: User | None
) -> MassexImport:
    """Begin an import of MASS-EX tables; see `request_file_import`."""
    return request_file_import(MassexImport, study=study, files=files, options=options, user=user)


def request_scoring_import(
    *, study: Study, files: Sequence[GivenFile], options: StageImportOptions, user: User | None
) -> ScoringImport:
    """Begin an import of stage files; see `request_file_import`."""
    return request_file_import(ScoringImport, study=study, files=files, options=options, user=user)


def request_file_import(
    model: type[Import],
    *,
    study: Study,
    files: Sequence[GivenFile],
    options: Options,
    user: User | None,
) -> Import:
    """Store the files as a single zip and list it for reading; the caller enqueues it.

    Raises
    ------
    StageFileError
        When there is nothing, too much, or several zips at once.
    """
    made = model(study=study, options=options.as_json(), requested_by=user)
    _store(made, files)
    return made


def _store(made: FileImport, files: Sequence[GivenFile]) -> None:
    _check(files)
    with unnamed_file() as kept:
        _keep(files, kept)
        kept.seek(0)
        made.file.save("files.zip", File(kept), save=False)
    try:
        made.save()
    except COMMIT_IS_UNKNOWN:
        raise
    except BaseException:
        made.file.delete(save=False)
        raise


@transaction.atomic
def look_again(*, file_import: FileImport, options: Options) -> None:
    """Read the files again, with other options or after the study has changed."""
    current = _locked(file_import)
    if not current.is_open:
        raise ImportRefusedError("This import is running or finished. Nothing was changed.")
    _start(current, options=options.as_json(), preview=None, is_confirmed=False)


@transaction.atomic
def confirm_import(*, file_import: FileImport, paths: Sequence[str], seen: str = "") -> None:
    """List these files for writing, as the preview shows them.

    `seen` is the `preview_digest` of the preview that a person saw. Where the files were read
    again since, nothing is listed.

    Raises
    ------
    ImportRefusedError
    """
    current = _locked(file_import)
    if current.state != State.READY or current.preview is None:
        raise ImportRefusedError(
            "This import was already confirmed or discarded. Nothing was changed."
        )
    if seen and seen != current.preview_digest:
        raise ImportRefusedError(
            "The files were read again since you saw the preview. Nothing was imported.",
            advice="Check the preview as it is now, and confirm it.",
        )
    writable = (Outcome.NEW, Outcome.DIFFERENT)
    known = {file["path"] for file in current.preview["files"] if file["outcome"] in writable}
    if not paths or not known.issuperset(paths):
        raise ImportRefusedError("Choose at least one file with changes.")
    _start(current, chosen=sorted(set(paths)), is_confirmed=True)


@transaction.atomic
def discard_import(*, file_import: FileImport) -> None:
    """Discard an import and delete its files; nothing was written."""
    current = _locked(file_import)
    if not current.is_open:
        raise ImportRefusedError("This import is running or finished. Nothing was changed.")
    name, current.file = current.file.name or "", ""
    current.state, current.finished_at = State.DISCARDED, timezone.now()
    # Paths, stages, words and errors are those of files that are not here any more.
    current.preview, current.chosen, current.error = None, [], ""
    current.options = options_to_keep(current.options)
    current.save()
    drop_files(name)


def options_to_keep(options: JsonObject) -> JsonObject:
    """Return the options of a finished import: without answers about files, which name them."""
    return {name: value for name, value in options.items() if name != "copies"}


def record_import(*, study: Study, results: Sequence[FileResult], user: User | None) -> None:
    """Add a row to the audit trail, with counts and without names."""
    written = [result for result in results if result.epochs]
    if written:
        record(
            Act.SCORINGS_IMPORTED,
            user=user,
            study=study,
            about=f"scorings of {len(written)} files",
            details={"files": len(written), "refused": sum(bool(r.refused) for r in results)},
        )


def drop_files(name: str) -> None:
    """Delete the stored files, after the commit."""
    remove_files([name])


def discard_expired() -> int:
    """Discard imports that nobody has confirmed for a week; return how many."""
    kinds: list[type[FileImport]] = [MassexImport, ScoringImport]
    forgotten = [
        (kind, pk) for kind in kinds for pk in _forgotten(kind).values_list("pk", flat=True)
    ]
    return sum(_discard_if_forgotten(kind, pk) for kind, pk in forgotten)


@transaction.atomic
def _discard_if_forgotten(kind: type[FileImport], pk: int) -> bool:
    """Discard an import unless it was confirmed, read again or removed since it was listed."""
    file_import = _forgotten(kind).select_for_update(of=("self",)).filter(pk=pk).first()
    if file_import is not None:
        discard_import(file_import=file_import)
    return file_import is not None


def _forgotten(kind: type[Import]) -> QuerySet[Import]:
    return kind._default_manager.filter(
        state__in=[State.READY, State.FAILED], created_at__lt=timezone.now() - KEPT_FOR
    )


def _start(file_import: FileImport, **changes: object) -> None:
    for name, value in changes.items():
        setattr(file_import, name, value)
    file_import.state, file_import.error = State.WAITING, ""
    file_import.attempt = file_import.done = 0
    file_import.save()


def _locked(file_import: FileImport) -> FileImport:
    rows = type(file_import)._default_manager.select_for_update(of=("self",))
    return rows.get(pk=file_import.pk)


def _check(files: Sequence[GivenFile]) -> None:
    if not files:
        raise StageFileError("No file received", advice="Choose csv files, a folder or a zip file.")
    if sum(file.size for file in files) > LIMIT_BYTES:
        raise StageFileError(
            "The files are too large", where=f"over {LIMIT_BYTES // 2**20} MiB", advice="Zip them."
        )
    if len(files) > 1 and any(_is_zip(file) for file in files):
        raise StageFileError("Too many files", advice="Upload either one zip file or csv files.")
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
