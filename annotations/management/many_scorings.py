"""Many stage files in one start of `import_scoring`."""

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from django.core.management.base import CommandError

from annotations.exchange.files import NamedFile, check_names, files_of_zip
from annotations.exchange.imports import record_import
from annotations.exchange.massex_files import bounded_bytes
from annotations.exchange.plan import FileResult, Outcome
from annotations.exchange.stage_plan import StageFilePreview, StageImportOptions
from annotations.exchange.stage_work import preview_stages, write_stages
from psg.errors import StageFileError
from recordings.intake.sources import Unread, files_below, readable_name
from recordings.management.stage_options import stage_options
from recordings.models import Recording
from studies.models import Study


@dataclass(frozen=True)
class FileRow:
    """A file in the answer about many; `outcome` is imported, equal, ready or refused."""

    path: str
    recording: str
    scorers: tuple[str, ...]
    outcome: str
    epochs: int
    scored: int
    problem: str
    remarks: tuple[str, ...]

    def __str__(self) -> str:
        if self.problem:
            return f"{self.path}: refused. {self.problem}"
        lines = [
            f"{self.path}: {self.outcome}, {self.recording} by {', '.join(self.scorers)},"
            f" {self.scored} of {self.epochs} epochs have a stage",
            *(f"  {remark}" for remark in self.remarks),
        ]
        return "\n".join(lines)


def is_single(path: Path) -> bool:
    return path.is_file() and path.suffix.casefold() != ".zip"


def files_of(paths: list[Path], stack: ExitStack) -> list[NamedFile]:
    """List all files of files, folders and zips.

    Raises
    ------
    StageFileError
    """
    zips = [path for path in paths if path.suffix.casefold() == ".zip" and path.is_file()]
    others = [path for path in paths if path not in zips]
    files = list(_on_disk(others, _base(others))) if others else []
    check_names([file.path for file in files])
    for path in zips:
        files += files_of_zip(stack.enter_context(path.open("rb")), whole=True)
    return files


def _on_disk(paths: list[Path], base: Path) -> Iterator[NamedFile]:
    """Yield files and those below folders; what cannot be read is refused with its own name."""
    for path in map(Path.absolute, paths):
        unread: list[Unread] = []
        if not path.is_dir():
            yield NamedFile(_name(path, base), partial(_read, path))
            continue
        for file, _ in files_below(path, unread):
            yield NamedFile(_name(file, base), partial(_read, file))
        for each in unread:
            yield NamedFile(_name(path / each.name, base), partial(_refuse, each.error))


def _name(path: Path, base: Path) -> str:
    name = readable_name(path.relative_to(base).as_posix())
    return "".join(letter if letter.isprintable() else "_" for letter in name)


def _read(path: Path) -> bytes:
    try:
        return bounded_bytes(path)
    except OSError as error:
        _refuse(error.strerror or type(error).__name__)


def _refuse(why: str) -> NoReturn:
    raise StageFileError("The file or folder cannot be read", where=why)


def _base(paths: list[Path]) -> Path:
    """Return the folder below which the names of all files differ, and have their folder's name."""
    folders = [path if path.is_dir() else path.parent for path in map(Path.absolute, paths)]
    return Path(os.path.commonpath(folders)).parent


def file_rows(study: Study, files: list[NamedFile], given: Namespace) -> Iterator[FileRow]:
    options = _options(study, given)
    if given.dry_run:
        for preview in preview_stages(study, files, options, None).files:
            yield _row(preview)
        return
    results = []
    for plan, result in write_stages(study, files, options, None):
        results.append(result)
        yield _row(plan.preview, result)
    record_import(study=study, results=results, user=None)


def _options(study: Study, given: Namespace) -> StageImportOptions:
    recording = None
    if given.recording:
        found = Recording.objects.filter(study=study, name=given.recording).first()
        if found is None:
            raise CommandError(f"{study} has no recording {given.recording}.")
        recording = found.pk
    return StageImportOptions(
        scorer=given.scorer,
        pattern=given.pattern,
        recording=recording,
        make_nights=bool(given.pattern),
        stages=stage_options(given),
        copies={"": given.copy} if given.copy else {},
    )


def _row(file: StageFilePreview, result: FileResult | None = None) -> FileRow:
    open_doubts = " ".join(str(doubt) for doubt in file.questions)
    problem = (result.refused if result else "") or file.problem or open_doubts
    words = {Outcome.NEW: "imported" if result else "ready", Outcome.EQUAL: "equal"}
    copies = [f"{s.scorer} is a copy of {s.copy_of}." for s in file.scorers if s.copy_of]
    return FileRow(
        path=file.path,
        recording=file.recording,
        scorers=tuple(scorer.scorer for scorer in file.scorers),
        outcome="refused" if problem else words[file.outcome],
        epochs=file.epochs,
        scored=sum(file.epochs - scorer.unscored for scorer in file.scorers),
        problem=problem,
        remarks=(*file.notes, *map(str, file.assumed), *copies),
    )
