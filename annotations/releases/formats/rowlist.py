"""rows.csv: every row by its hash, and whether it is kept. With the manifest it is the release."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from annotations.downloads import Checksummed, Spool
from annotations.releases.formats.format import Format
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight

NAME = "rows.csv"
COLUMNS = ("recording", "scorer", "epoch", "kept", "sha256")


@dataclass(frozen=True)
class ListedRow:
    """A line of rows.csv."""

    recording: str
    scorer: str
    epoch: int
    is_kept: bool
    sha256: str

    @property
    def night(self) -> tuple[str, str]:
        return self.recording, self.scorer


class RowListFormat(Format):
    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._spool = Spool()
        self._writer = csv.writer(self._spool.file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def add(self, night: ReleaseNight) -> None:
        self._writer.writerows(
            (night.entry.recording, night.entry.scorer, k.row.epoch, int(k.is_kept), k.row.sha256)
            for k in night.rows
        )

    def finish(self) -> None:
        self._spool.copy_into(self.files, NAME)

    def close(self) -> None:
        self._spool.close()


def read_row_list(file: TextIO) -> Iterator[ListedRow]:
    """Read rows.csv line by line."""
    lines = csv.reader(file)
    next(lines, None)
    for recording, scorer, epoch, kept, sha256 in lines:
        yield ListedRow(recording, scorer, int(epoch), kept == "1", sha256)
