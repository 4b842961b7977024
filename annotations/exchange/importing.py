"""Imports as work under a lease, of every kind: files are read, or once confirmed written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from django.db import transaction
from django.utils import timezone

from annotations.exchange.files import NamedFile, files_of_zip
from annotations.exchange.imports import drop_files, options_to_keep, record_import
from annotations.exchange.models import FileImport
from annotations.exchange.notices import tell_import
from annotations.exchange.plan import FileResult
from jobs.kinds import JobKind
from jobs.reader import Reader
from jobs.workers import INGEST_QUEUE
from psg.errors import PsgError
from psg.typed_json import JsonObject

State = FileImport.State
OnFile = Callable[[int, int], None]


class PreviewedFile(Protocol):
    @property
    def path(self) -> str: ...

    @property
    def digest(self) -> str: ...


class Preview(Protocol):
    """What importing files would do; `kept` is what stays of it after some were written."""

    @property
    def files(self) -> Sequence[PreviewedFile]: ...

    def kept(self, paths: Sequence[str]) -> Self: ...

    def as_json(self) -> JsonObject: ...


class Look(Protocol):
    def __call__(
        self, made: Any, files: Sequence[NamedFile], /, *, on_file: OnFile, reader: Reader
    ) -> Preview: ...


class Write(Protocol):
    def __call__(
        self,
        made: Any,
        files: Sequence[NamedFile],
        /,
        *,
        digests: Mapping[str, str],
        on_file: OnFile,
        reader: Reader,
    ) -> Iterable[FileResult]: ...


@dataclass(frozen=True)
class FileReader:
    """How files of a kind of import are looked at and written.

    Attributes
    ----------
    model : type
        The imports.
    look : callable
        Returns the preview of the files of an import.
    write : callable
        Writes the files that `digests` lists by path; yields a result for each.
    preview_of : callable
        Returns a preview from its JSON.
    whole : bool
        Whether all files of a zip are read, and not those named `.csv` alone.
    """

    model: type[FileImport]
    look: Look
    write: Write
    preview_of: Callable[[object], Preview]
    whole: bool = False

    @property
    def kind(self) -> JobKind[Any]:
        return JobKind(
            self.model,
            work=self.look_or_write,
            give_up=_give_up,
            stopped="The worker stopped three times. Imported files are safe. Update the preview.",
            refusals=(PsgError,),
            related=("study", "requested_by"),
            queue=INGEST_QUEUE,
        )

    def look_or_write(self, made: FileImport) -> None:
        """Do the work of a claimed import."""
        if made.is_confirmed:
            self._write(made)
        else:
            self._look(made)

    def _look(self, made: FileImport) -> None:
        with made.file.open("rb") as file:
            preview = self.look(
                made,
                files_of_zip(file, whole=self.whole),
                on_file=lambda done, total: made.renew(done=done, total=total),
                reader=_reader(made),
            )
        _settle(made, state=State.READY, preview=preview.as_json(), error="")

    def _write(self, made: FileImport) -> None:
        preview = self.preview_of(made.preview or {})
        digests = {file.path: file.digest for file in preview.files if file.path in made.chosen}
        with made.file.open("rb") as file:
            results = list(
                self.write(
                    made,
                    files_of_zip(file, whole=self.whole),
                    digests=digests,
                    on_file=lambda done, total: made.renew(done=done, total=total),
                    reader=_reader(made),
                )
            )
        record_import(study=made.study, results=results, user=made.requested_by)
        name = made.file.name or ""
        _settle(
            made,
            state=State.DONE,
            # A path can have the name of a person; recording and scorer tell the files apart.
            preview=preview.kept(made.chosen).as_json(),
            results=[result.kept.as_json() for result in results],
            options=options_to_keep(made.options),
            chosen=[],
            file="",
            error="",
            finished_at=timezone.now(),
        )
        drop_files(name)


def _reader(made: FileImport) -> Reader:
    return Reader(alive=made.renew_if_possible, alive_every_s=made.lease().total_seconds() / 3)


@transaction.atomic
def _settle(made: FileImport, **changes: Any) -> None:
    made.settle(**changes)
    tell_import(made)


def _give_up(made: FileImport, error: str) -> None:
    _settle(made, state=State.FAILED, error=error)
