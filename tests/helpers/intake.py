"""Queues of an intake as people fill them, and workers that do what waits."""

import io
import os
import zipfile

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


def zipped(files: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return kept.getvalue()


def brainvision() -> tuple[bytes, bytes, bytes]:
    """Return the .vhdr, .vmrk and .eeg of 90 s of two channels, for the names S01.*."""
    head = (
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        "DataFile=S01.eeg\nMarkerFile=S01.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        "NumberOfChannels=2\nSamplingInterval=5000\n[Binary Infos]\nBinaryFormat=INT_16\n"
        "[Channel Infos]\nCh1=C4,M1,0.1,µV\nCh2=O2,M1,0.1,µV\n"
    )
    marks = (
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        "DataFile=S01.eeg\n[Marker Infos]\nMk1=New Segment,,1,1,0,20260102220000000000\n"
    )
    return head.encode(), marks.encode(), os.urandom(2 * 2 * 200 * 90)
