"""Rebuilding and verifying frozen releases, and comparing two of them."""

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files import File

from annotations.exports.massex import Table
from annotations.exports.sinks import CHECKSUMS, FolderSink
from annotations.models import Release
from annotations.releases.archive import RATINGS, write_release
from annotations.releases.diffing import ReleaseDiff, diff_releases
from annotations.releases.formats.rowlist import NAME as ROWS
from annotations.releases.formats.rowlist import ListedRow, read_row_list
from annotations.releases.leave import no_longer_allowed
from annotations.releases.manifest import software
from annotations.releases.ratings import COLUMNS
from annotations.releases.rebuilding import DataChangedError, found_nights, rebuilt_nights
from annotations.services.releases import ReleaseRefusedError

SHOWN_FILES = 8
IMAGES = "images/"


@dataclass
class Verdict:
    """What verifying found: of the file, and of the data it was made from."""

    file: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.file and not self.data


def rebuild_release(*, release: Release, folder: Path) -> dict[str, str]:
    """Write the files of a frozen release again from its manifest and the study's rows.

    Raises
    ------
    DataChangedError
        When the study no longer holds the rows, or other software writes them otherwise. What
        was begun is taken away.
    ReleaseRefusedError
        When the study no longer lets go what the release carries.
    """
    refuse_forbidden(release)
    with opened(release) as archive, tempfile.TemporaryDirectory(dir=folder.parent) as work:
        made = Path(work) / "release"
        with listed_rows(archive) as rows:
            sums = write_release(
                FolderSink(made),
                study=release.study,
                manifest=manifest_of(release),
                nights=rebuilt_nights(release.study, manifest_of(release), rows),
                ratings=_frozen_ratings(archive),
            )
        if differences := _other_files(dict(_listed_sums(archive)), sums, manifest_of(release)):
            raise DataChangedError(differences)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    return sums


def verify_release(*, release: Release) -> Verdict:
    """Check the stored file against its checksums, and the study against the manifest."""
    verdict = Verdict()
    try:
        with opened(release) as archive:
            verdict.file = [*_file_faults(release), *_member_faults(archive)]
            if not verdict.file:
                with listed_rows(archive) as rows:
                    for found in found_nights(release.study, manifest_of(release), rows):
                        verdict.data += found.differences
    except (OSError, zipfile.BadZipFile) as error:
        verdict.file.append(f"The file cannot be read: {error}")
    return verdict


def diff_of(*, old: Release, new: Release) -> ReleaseDiff:
    """Compare two frozen releases by the rows in their files."""
    with (
        opened(old) as before,
        opened(new) as after,
        listed_rows(before) as old_rows,
        listed_rows(after) as new_rows,
    ):
        return diff_releases(manifest_of(old), manifest_of(new), old_rows, new_rows)


def checksums_of(release: Release) -> list[tuple[str, str, int]]:
    """Return name, SHA-256 and size of every file of a frozen release but single images."""
    with opened(release) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        listed = _listed_sums(archive)
    images = [sizes[name] for name, _ in listed if name.startswith(IMAGES)]
    found = [(name, digest, sizes[name]) for name, digest in listed if not name.startswith(IMAGES)]
    if images:
        found.append((f"{IMAGES} ({len(images)} files, see {CHECKSUMS})", "", sum(images)))
    return found


def refuse_forbidden(release: Release) -> None:
    """Let nothing leave on a leave that was taken back.

    Raises
    ------
    ReleaseRefusedError
    """
    if kinds := no_longer_allowed(release.study, manifest_of(release)):
        raise ReleaseRefusedError(
            f"The study no longer allows {' and '.join(kinds)} to leave, and {release} carries"
            " them: see its terms of release."
        )


def manifest_of(release: Release) -> dict[str, Any]:
    manifest = release.manifest
    assert manifest is not None, "only frozen releases have a manifest"
    return dict(manifest)


@contextmanager
def opened(release: Release) -> Iterator[zipfile.ZipFile]:
    with stored_file(release) as file, zipfile.ZipFile(file) as archive:
        yield archive


def stored_file(release: Release) -> File:
    """Open the file anew: the field itself keeps one handle for everybody."""
    return release.file.storage.open(str(release.file.name), "rb")


@contextmanager
def listed_rows(archive: zipfile.ZipFile) -> Iterator[Iterator[ListedRow]]:
    with archive.open(ROWS) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        yield read_row_list(file)


def _frozen_ratings(archive: zipfile.ZipFile) -> Table:
    """Take ratings from the frozen file: they are final once their study is unblinded."""
    if RATINGS not in archive.namelist():
        return Table(COLUMNS, [])
    with archive.open(RATINGS) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        lines = csv.reader(file)
        return Table(next(lines), [tuple(line) for line in lines])


def _other_files(
    frozen: dict[str, str], made: dict[str, str], manifest: dict[str, Any]
) -> list[str]:
    """Name the files that came out otherwise, and the software that may be why."""
    names = sorted(name for name in {*frozen, *made} if frozen.get(name) != made.get(name))
    if not names:
        return []
    shown = ", ".join(names[:SHOWN_FILES]) + (" and others" if len(names) > SHOWN_FILES else "")
    then, now = manifest.get("software", {}), software()
    return [
        f"the rows are as frozen, yet {shown} would not be",
        *(
            f"{name} was {then.get(name)}, is {now[name]}"
            for name in now
            if then.get(name) != now[name]
        ),
    ]


def _file_faults(release: Release) -> list[str]:
    with stored_file(release) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return [] if digest == release.sha256 else [f"The file's SHA-256 is {digest}, not as frozen."]


def _member_faults(archive: zipfile.ZipFile) -> list[str]:
    faults = []
    for name, frozen in _listed_sums(archive):
        with archive.open(name) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        if digest != frozen:
            faults.append(f"{name} does not fit {CHECKSUMS}.")
    return faults


def _listed_sums(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    lines = archive.read(CHECKSUMS).decode().splitlines()
    return [(name, digest) for digest, _, name in (line.partition("  ") for line in lines)]
