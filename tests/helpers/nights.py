"""Recordings as ingest leaves them, small enough to be made in every test."""

import os
import time
from pathlib import Path

from recordings.incoming import IncomingFile, receive_recording
from recordings.ingest import INGESTS
from recordings.models import Recording
from studies.models import Study
from tests.helpers.edf_files import edf_bytes


def incoming(data: bytes | bytearray, name: str = "night.edf") -> IncomingFile:
    return IncomingFile(chunks=[bytes(data)], name=name)


def stored_night(*, study: Study, data: bytes | bytearray | None = None) -> Recording:
    """Take a file in and read it at once; by default one minute of six derivations."""
    ingest = receive_recording(study=study, file=incoming(data or edf_bytes(sfreq_hz=100)))
    INGESTS.run(ingest.pk)
    return Recording.objects.get(pk=ingest.recording_id)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def make_old(path: Path) -> None:
    """Let a file look as if it was written two days ago."""
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(path, (two_days_ago, two_days_ago))
