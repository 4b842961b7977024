"""Queues of an intake as people fill them, and workers that do what waits."""

from jobs.kinds import JobKind
from recordings.intake.examining import INTAKE_NIGHTS
from recordings.intake.models import IntakeFile, IntakeQueue
from recordings.intake.reading_files import INTAKE_FILES
from recordings.intake.receiving import append, expect_file


def add_file(queue: IntakeQueue, name: str, data: bytes | bytearray) -> IntakeFile:
    """Upload a file at once."""
    file = expect_file(queue=queue, name=name, size_bytes=len(data))
    append(file=file, offset=0, chunks=[bytes(data)])
    file.refresh_from_db()
    return file


def run_all(queue: IntakeQueue) -> None:
    """Do what waits in a queue, as the worker does."""
    while run_waiting(queue, INTAKE_FILES, "files") or run_waiting(queue, INTAKE_NIGHTS, "nights"):
        pass


def run_waiting(queue: IntakeQueue, kind: JobKind, rows: str) -> int:
    waiting = getattr(queue, rows).filter(kind.model.waiting()).values_list("pk", flat=True)
    listed = list(waiting)
    for pk in listed:
        kind.run(pk)
    return len(listed)
