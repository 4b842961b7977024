"""Rebuilding and verifying releases, also those that were frozen elsewhere."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from annotations.downloads import FolderSink, Table
from annotations.releases.archive import MANIFEST, RATINGS, write_release
from annotations.releases.formats.rowlist import ListedRow
from annotations.releases.lifecycle import ReleaseRefusedError
from annotations.releases.manifest import FORMATS_READ, Manifest, software
from annotations.releases.models import Release
from annotations.releases.ratings import COLUMNS
from annotations.releases.rebuilding import DataChangedError, compared_nights, rebuilt_nights
from annotations.releases.verifying import (
    VerifiedRelease,
    erasures_of,
    listed_rows,
    listed_sums,
    manifest_of,
    member_faults,
    opened,
    refuse_forbidden,
)
from studies.models import Study

SHOWN_FILES = 8


def rebuild_release(*, release: Release, folder: Path) -> dict[str, str]:
    """Write the files of a frozen release again from its manifest and the study's rows.

    Raises
    ------
    DataChangedError
        When the study no longer contains the rows, or other software writes other bytes. No file
        is left behind.
    ReleaseRefusedError
        When the study no longer allows the data that the release contains.
    """
    with opened(release) as archive:
        return _rebuild(archive, release.study, manifest_of(release), folder)


def rebuild_copy(*, zip_path: Path, study: Study, folder: Path) -> dict[str, str]:
    """Write the files of a release that was frozen elsewhere, from the rows of `study`.

    Raises
    ------
    DataChangedError, ReleaseRefusedError
        As `rebuild_release`; also when the zip is not that of a release, or is damaged.
    """
    with _opened_copy(zip_path) as (archive, manifest):
        if faults := member_faults(archive):
            raise ReleaseRefusedError(f"{zip_path.name} is damaged: {' '.join(faults)}")
        return _rebuild(archive, study, manifest, folder)


def verify_copy(*, zip_path: Path, study: Study) -> VerifiedRelease:
    """Check the zip of a release frozen elsewhere against its checksums, and `study` against it.

    Raises
    ------
    ReleaseRefusedError
        When the zip is not that of a release.
    """
    with _opened_copy(zip_path) as (archive, manifest):
        verified = VerifiedRelease(file=member_faults(archive))
        if not verified.file:
            with listed_rows(archive) as rows:
                _compare(verified, study, manifest, rows)
        return verified


def _compare(
    verified: VerifiedRelease, study: Study, manifest: Manifest, rows: Iterable[ListedRow]
) -> None:
    """Compare night by night; a night that was erased from the study since is no difference."""
    erased = {
        (night.recording, night.rows_sha256): night
        for release in study.releases.exclude(erasures=[])
        for night in erasures_of(release)
    }
    for night in compared_nights(study, manifest, rows):
        gone = erased.get((night.entry.recording, night.entry.rows_sha256))
        if gone and night.differences:
            verified.erased.append(gone.sentence)
        else:
            verified.data += night.differences


def _rebuild(
    archive: zipfile.ZipFile, study: Study, manifest: Manifest, folder: Path
) -> dict[str, str]:
    refuse_forbidden(study, manifest)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        made = Path(work) / "release"
        with listed_rows(archive) as rows:
            sums = write_release(
                FolderSink(made),
                study=study,
                manifest=manifest,
                nights=rebuilt_nights(study, manifest, rows),
                ratings=frozen_ratings(archive),
            )
        if differences := _differing_files(dict(listed_sums(archive)), sums, manifest):
            raise DataChangedError(differences)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    return sums


@contextmanager
def _opened_copy(zip_path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    try:
        archive = zipfile.ZipFile(zip_path)
    except zipfile.BadZipFile as error:
        raise ReleaseRefusedError(f"{zip_path.name} is damaged or not a zip file.") from error
    with archive:
        yield archive, _manifest_in(archive, zip_path.name)


def _manifest_in(archive: zipfile.ZipFile, name: str) -> Manifest:
    try:
        data = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ReleaseRefusedError(f"{name} contains no manifest of a release.") from error
    if not isinstance(data, dict) or data.get("format") not in FORMATS_READ:
        raise ReleaseRefusedError(f"{name} cannot be rebuilt by this version.")
    try:
        return Manifest.from_json(data)
    except (TypeError, ValueError) as error:
        raise ReleaseRefusedError(f"{name} cannot be rebuilt by this version.") from error


def frozen_ratings(archive: zipfile.ZipFile) -> Table:
    """Read the ratings from the frozen file: they are final once their study is unblinded."""
    if RATINGS not in archive.namelist():
        return Table(COLUMNS, [])
    with archive.open(RATINGS) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        lines = csv.reader(file)
        return Table(next(lines), [tuple(line) for line in lines])


def _differing_files(frozen: dict[str, str], made: dict[str, str], manifest: Manifest) -> list[str]:
    """Return the files with other bytes, and the software whose version differs."""
    names = sorted(name for name in {*frozen, *made} if frozen.get(name) != made.get(name))
    if not names:
        return []
    shown = ", ".join(names[:SHOWN_FILES]) + (" and others" if len(names) > SHOWN_FILES else "")
    then, now = manifest.software, software()
    return [
        f"the rows are as frozen, yet {shown} would not be",
        *(
            f"{name} was {then.get(name)}, is {now[name]}"
            for name in now
            if then.get(name) != now[name]
        ),
    ]
