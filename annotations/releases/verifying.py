"""Verifying frozen releases, and comparing two of them row by row."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files import File

from annotations.downloads import CHECKSUMS
from annotations.releases.composition import no_longer_allowed
from annotations.releases.formats.rowlist import NAME as ROWS
from annotations.releases.formats.rowlist import ListedRow, read_row_list
from annotations.releases.lifecycle import ReleaseRefusedError
from annotations.releases.models import Release
from annotations.releases.rebuilding import found_nights
from studies.models import Study

# What a reader wants to know first: these are compared word for word.
FACTS = ("title", "licence", "data_terms", "renderer_version", "rule_editions", "authors")


@dataclass
class ReleaseDiff:
    """Kept rows by what became of them, and the facts and parts that differ."""

    same: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    facts: list[tuple[str, Any, Any]] = field(default_factory=list)
    moved: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def nights(self) -> list[tuple[str, int, int, int]]:
        """Night, changed, added, removed; those without any difference are left out."""
        names = sorted({*self.changed, *self.added, *self.removed})
        return [(n, self.changed[n], self.added[n], self.removed[n]) for n in names]

    def as_json(self) -> dict[str, Any]:
        return {
            "same": self.same,
            "changed": sum(self.changed.values()),
            "added": sum(self.added.values()),
            "removed": sum(self.removed.values()),
            "nights": [
                dict(zip(("night", "changed", "added", "removed"), row, strict=True))
                for row in self.nights
            ],
            "facts": [{"fact": name, "was": was, "is": now} for name, was, now in self.facts],
            "moved": [{"subject": s, "was": was, "is": now} for s, was, now in self.moved],
        }


def diff_releases(
    old: dict[str, Any],
    new: dict[str, Any],
    old_rows: Iterable[ListedRow],
    new_rows: Iterable[ListedRow],
) -> ReleaseDiff:
    """Compare two manifests and their rows, by hash; a row that is gone holds what follows it."""
    diff = ReleaseDiff(
        facts=[(name, old[name], new[name]) for name in FACTS if old[name] != new[name]],
        moved=_moved(old, new),
    )
    waiting: dict[tuple[str, str, int], str] = {}
    after = _kept(new_rows)
    for key, sha256 in _kept(old_rows):
        while key not in waiting and (following := next(after, None)):
            waiting[following[0]] = following[1]
        now = waiting.pop(key, None)
        night = f"{key[0]} by {key[1]}"
        if now is None:
            diff.removed[night] += 1
        elif now == sha256:
            diff.same += 1
        else:
            diff.changed[night] += 1
    diff.added.update(f"{recording} by {scorer}" for recording, scorer, _ in waiting)
    diff.added.update(f"{key[0]} by {key[1]}" for key, _ in after)
    return diff


def _kept(rows: Iterable[ListedRow]) -> Iterator[tuple[tuple[str, str, int], str]]:
    return (((*row.night, row.epoch), row.sha256) for row in rows if row.is_kept)


def _moved(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the subjects in both whose part is another: a model may have seen them."""
    before = {night["subject"]: night["part"] for night in old["nights"]}
    after = {night["subject"]: night["part"] for night in new["nights"]}
    return [
        (subject, before[subject], after[subject])
        for subject in sorted(before.keys() & after.keys())
        if before[subject] != after[subject]
    ]


# Verifying frozen releases, and comparing two of them.


SHOWN_FILES = 8
IMAGES = "images/"


@dataclass
class VerifiedRelease:
    """What verifying found: of the file, and of the data it was made from."""

    file: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.file and not self.data


def verify_release(*, release: Release) -> VerifiedRelease:
    """Check the stored file against its checksums, and the study against the manifest."""
    verdict = VerifiedRelease()
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


class ReleaseForbiddenError(ReleaseRefusedError):
    """The study does not allow what the release carries to leave."""

    status = 403


def refuse_forbidden(study: Study, manifest: dict[str, Any]) -> None:
    """Let nothing leave on a leave that was taken back, or that was never given here.

    Raises
    ------
    ReleaseForbiddenError
    """
    if kinds := no_longer_allowed(study, manifest):
        raise ReleaseForbiddenError(
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
