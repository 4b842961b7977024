"""What imports and corrections share: a reader makes the stores of a night, a worker stores them.

The reader is a process of its own with limits. The row, the files and the recording change in a
single transaction, which only the owner of the lease can finish.
"""

import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from jobs.models import LeaseLostError
from jobs.reader import Reader, Tell
from psg.errors import PsgError, RefusedError, fault_words
from recordings.models import Ingest, Recording, SignalCorrection
from recordings.notices import tell_of_work
from recordings.storing import FinishedFile, stored_or_gone, work_folder

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NightWork:
    """The work of a claimed row.

    Attributes
    ----------
    row : Ingest or SignalCorrection
    beside : Path
        The folders of the attempts lie beside it and are named after it.
    spans : mapping of str to (int, int)
        Begin and end of each step on the progress bar, in percent.
    """

    row: Ingest | SignalCorrection
    beside: Path
    spans: Mapping[str, tuple[int, int]]

    @contextmanager
    def made(self, work: Callable[[Path, Tell], T]) -> Iterator[tuple[T, Path]]:
        """Call `work(folder, tell)` in a reader; yield what it returns, and its folder.

        Raises
        ------
        PsgError, OSError, LeaseLostError
        """
        reader = Reader(
            alive=self.row.renew_if_possible,
            alive_every_s=self.row.lease().total_seconds() / 3,
            limit_bytes=settings.READ_NIGHT_LIMIT_BYTES,
        )
        self.beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with work_folder(self.beside, self.row.attempt) as folder:
            made = reader.read(partial(_work_in, folder, work), heard=self._report)
            self._report("store", 0, 1)
            yield made, folder

    def _report(self, step: str, done: int, total: int) -> None:
        first, last = self.spans[step]
        share = (last - first) * done // max(total, 1)
        self.row.renew_if_possible(step=step, done=first + share)

    @contextmanager
    def finished(self) -> Iterator["Changing"]:
        """Settle the row as done, together with what the block changes and saves.

        Raises
        ------
        LeaseLostError
        """
        row = self.row
        with stored_or_gone() as stored, transaction.atomic():
            # The lease first: a worker that has lost it must not store anything.
            row.settle(state=row.State.DONE, error="", done=row.total, finished_at=timezone.now())
            recordings = Recording.objects.select_for_update(of=("self",))
            recording = recordings.get(pk=row.recording_id)
            yield Changing(recording, stored.append)
            tell_of_work(row)


@dataclass(frozen=True)
class Changing:
    """A locked recording that gets new files; they are deleted if the transaction fails."""

    recording: Recording
    _note_stored: Callable[..., None]

    def store(self, stores: Mapping[str, Path], *, spectrogram: bytes) -> None:
        """Give fields of the recording the stores that were made, and the spectrogram."""
        opaque = uuid.uuid4().hex
        for name, path in stores.items():
            field = getattr(self.recording, name)
            with path.open("rb") as file:
                field.save(f"{opaque}.epw", FinishedFile(file, name=str(path)), save=False)
            self._note_stored(field)
        field = self.recording.spectrogram_file
        field.save(f"{opaque}.png", ContentFile(spectrogram), save=False)
        self._note_stored(field)


@contextmanager
def unexpected_faults(row: Ingest | SignalCorrection, *, what: str, advice: str) -> Iterator[None]:
    """Turn a fault that no other attempt mends into a refusal; the log has its details.

    Raises
    ------
    RefusedError
        When trying again would not help.
    OSError, DatabaseError
        When disk or database are full or away; trying again may help.
    LeaseLostError
    """
    try:
        yield
    except (LeaseLostError, RefusedError, OSError, DatabaseError):
        raise
    except Exception as error:
        log.exception("%s failed", row)
        raise PsgError(what, where=fault_words(error), advice=advice) from error


def _work_in(folder: Path, work: Callable[[Path, Tell], T], tell: Tell) -> T:
    # Temporary files too lie in the folder that is removed whatever happens, on a watched disk.
    tempfile.tempdir = str(folder)
    return work(folder, tell)
