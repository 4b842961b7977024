"""Verifying frozen releases, and comparing two of them."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files import File

from annotations.exports.sinks import CHECKSUMS
from annotations.models import Release
from annotations.releases.diffing import ReleaseDiff, diff_releases
from annotations.releases.formats.rowlist import NAME as ROWS
from annotations.releases.formats.rowlist import ListedRow, read_row_list
from annotations.releases.leave import no_longer_allowed
from annotations.releases.rebuilding import found_nights
from annotations.services.releases import ReleaseRefusedError
from studies.models import Study

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


def verify_release(*, release: Release) -> Verdict:
    """Check the stored file against its checksums, and the study against the manifest."""
    verdict = Verdict()
    try:
        with opened(release) as archive:
            verdict.file = [*_file_faults(release), *member_faults(archive)]
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
        listed = listed_sums(archive)
    images = [sizes[name] for name, _ in listed if name.startswith(IMAGES)]
    found = [(name, digest, sizes[name]) for name, digest in listed if not name.startswith(IMAGES)]
    if images:
        found.append((f"{IMAGES} ({len(images)} files, see {CHECKSUMS})", "", sum(images)))
    return found


def refuse_forbidden(study: Study, manifest: dict[str, Any]) -> None:
    """Let nothing leave on a leave that was taken back, or that was never given here.

    Raises
    ------
    ReleaseRefusedError
    """
    if kinds := no_longer_allowed(study, manifest):
        raise ReleaseRefusedError(
            f"The study does not allow {' and '.join(kinds)} to leave, and {manifest['title']}"
            f" {manifest['version']} carries them: see its terms of release."
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


def _file_faults(release: Release) -> list[str]:
    with stored_file(release) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return [] if digest == release.sha256 else [f"The file's SHA-256 is {digest}, not as frozen."]


def member_faults(archive: zipfile.ZipFile) -> list[str]:
    """Name the files of a release's zip that do not fit its checksums."""
    faults = []
    for name, frozen in listed_sums(archive):
        with archive.open(name) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        if digest != frozen:
            faults.append(f"{name} does not fit {CHECKSUMS}.")
    return faults


def listed_sums(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return name and SHA-256 of every file, as the zip of a release lists them."""
    lines = archive.read(CHECKSUMS).decode().splitlines()
    return [(name, digest) for digest, _, name in (line.partition("  ") for line in lines)]
