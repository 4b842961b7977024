"""One MASS-EX export: nights in, files out, one night in memory at a time."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from annotations.exports.massex import (
    Table,
    coarse_table,
    epochs_table,
    fine_table,
    lights_table,
    spreadsheet_safe,
    write_csv,
)
from annotations.exports.names import file_stems, subject_names
from annotations.exports.rows import ExportRow, night_rows
from annotations.exports.sinks import Checksummed, Sink
from annotations.models import Scoring
from psg.lights import Lights
from studies.models import Track

README = """MASS-EX layout
annotations/fine/     stage, rationale and rules; annotations/coarse/ stage and rules
annotations/epochs.csv  every epoch of the recording's grid: its N (empty where the epoch has
                      no stage and was left out), its index, its onset in seconds from the
                      start of the recording, and the stage as it was written at the source
annotations/lights.csv  lights off and on of every night, in seconds from the start of the
                      recording: the scorer's own mark, else that of the recording
spreadsheet/          the same tables for spreadsheets: cells that would start a formula begin
                      with an apostrophe there. Read annotations/ with programs.
SHA256SUMS            check with: sha256sum -c SHA256SUMS
"""


def write_export(
    sink: Sink, scorings: Sequence[Scoring], *, on_night: Callable[[int], None] = lambda done: None
) -> None:
    """Write all files of an export; `on_night` is told how many nights are done."""
    files = Checksummed(sink)
    names = subject_names(scorings)
    stems = file_stems(list(names.values()))
    with _Spool("epochs.csv") as epochs, _Spool("lights.csv") as lights:
        for done, scoring in enumerate(scorings, start=1):
            subject = names[scoring.pk]
            rows = night_rows(scoring)
            track = export_track(scoring, rows)
            table = (
                fine_table(subject, rows) if track == Track.FINE else coarse_table(subject, rows)
            )
            for form in FORMS:
                form.write(files, f"{track}/{stems[subject]}.csv", table)
            epochs.add(epochs_table(subject, rows))
            own = Lights(scoring.lights_off_s, scoring.lights_on_s)
            lights.add(lights_table(subject, own=own, recording=scoring.recording.lights))
            on_night(done)
        epochs.copy_into(files)
        lights.copy_into(files)
    with files.text("README.txt") as file:
        file.write(README)
    files.write_checksums()


def export_track(scoring: Scoring, rows: Sequence[ExportRow]) -> Track:
    """Return fine where there is anything to read; a fine scoring without a word is coarse."""
    has_words = any(row.rationale for row in rows)
    return Track.FINE if scoring.track == Track.FINE and has_words else Track.COARSE


@dataclass(frozen=True)
class Form:
    """One of the two forms that every table is written in."""

    folder: str
    encoding: str
    change: Callable[[Table], Table]

    def write(self, files: Checksummed, name: str, table: Table) -> None:
        with files.text(f"{self.folder}/{name}", encoding=self.encoding) as file:
            write_csv(file, self.change(table))


# Spreadsheets take a csv for Latin-1 unless it begins with a byte order mark.
FORMS = (
    Form("annotations", "utf-8", lambda table: table),
    Form("spreadsheet", "utf-8-sig", spreadsheet_safe),
)


def _text_spool() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8", newline="")


class _Spool:
    """A sidecar grows night by night beside the archive, which takes one file at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stack = ExitStack()
        self._files = [self._stack.enter_context(_text_spool()) for _ in FORMS]
        self._is_empty = True

    def __enter__(self) -> "_Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, table: Table) -> None:
        for form, file in zip(FORMS, self._files, strict=True):
            write_csv(file, form.change(table), header=self._is_empty)
        self._is_empty = False

    def copy_into(self, files: Checksummed) -> None:
        for form, spooled in zip(FORMS, self._files, strict=True):
            spooled.seek(0)
            with files.text(f"{form.folder}/{self._name}", encoding=form.encoding) as file:
                shutil.copyfileobj(spooled, file)
