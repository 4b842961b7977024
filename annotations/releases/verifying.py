"""Verifying frozen releases, and comparing two versions row by row."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.files import File

from annotations.downloads import CHECKSUMS
from annotations.releases.composition import Composition, no_longer_allowed
from annotations.releases.formats.rowlist import NAME as ROWS
from annotations.releases.formats.rowlist import ListedRow, read_row_list
from annotations.releases.lifecycle import ReleaseRefusedError
from annotations.releases.manifest import ErasedNight, Manifest
from annotations.releases.models import Release
from annotations.releases.planning import preview_of
from annotations.releases.rebuilding import compared_nights
from annotations.releases.selection import selected_scorings
from annotations.visibility import refuse_unaided_nights
from psg.typed_json import JsonObject, as_json
from studies.models import Study, User

# The facts of a manifest that are compared literally.
FACTS = ("title", "licence", "data_terms", "renderer_version", "rule_editions", "authors")


@dataclass(frozen=True)
class ChangedNight:
    """How many rows of a night were changed, added and removed."""

    night: str
    changed: int
    added: int
    removed: int


@dataclass(frozen=True)
class ChangedFact:
    """A fact of the manifest, as its JSON has it, in both releases."""

    fact: str
    was: object
    now: object

    def as_json(self) -> JsonObject:
        return {"fact": self.fact, "was": self.was, "is": self.now}


@dataclass(frozen=True)
class MovedSubject:
    """A subject whose part of the split differs."""

    subject: str
    was: str
    now: str

    def as_json(self) -> JsonObject:
        return {"subject": self.subject, "was": self.was, "is": self.now}


@dataclass
class ReleaseDiff:
    """What differs between two releases: kept rows by night, facts, and parts of subjects."""

    same: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    facts: list[ChangedFact] = field(default_factory=list)
    moved: list[MovedSubject] = field(default_factory=list)

    @property
    def changed_count(self) -> int:
        return self.changed.total()

    @property
    def added_count(self) -> int:
        return self.added.total()

    @property
    def removed_count(self) -> int:
        return self.removed.total()

    @property
    def nights(self) -> list[ChangedNight]:
        """The nights with a difference, in order of their names."""
        names = sorted({*self.changed, *self.added, *self.removed})
        return [ChangedNight(n, self.changed[n], self.added[n], self.removed[n]) for n in names]

    def as_json(self) -> JsonObject:
        return {
            "same": self.same,
            "changed": self.changed_count,
            "added": self.added_count,
            "removed": self.removed_count,
            "nights": as_json(self.nights),
            "facts": [fact.as_json() for fact in self.facts],
            "moved": [subject.as_json() for subject in self.moved],
        }


def diff_releases(
    old: Manifest,
    new: Manifest,
    old_rows: Iterable[ListedRow],
    new_rows: Iterable[ListedRow],
) -> ReleaseDiff:
    """Compare two manifests and, by their hashes, their rows.

    Both lists of rows are read at the same time: rows of the new list wait until the old list
    reaches them.
    """
    diff = ReleaseDiff(
        facts=[
            ChangedFact(name, as_json(getattr(old, name)), as_json(getattr(new, name)))
            for name in FACTS
            if getattr(old, name) != getattr(new, name)
        ],
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


def _moved(old: Manifest, new: Manifest) -> list[MovedSubject]:
    """Return the subjects whose part differs: a model may have been trained on them."""
    before = {night.subject: night.part for night in old.nights}
    after = {night.subject: night.part for night in new.nights}
    return [
        MovedSubject(subject, before[subject], after[subject])
        for subject in sorted(before.keys() & after.keys())
        if before[subject] != after[subject]
    ]


REWRITE_DUE = "The file of this release is being written again without nights that were erased."
SHOWN_FILES = 8
IMAGES = "images/"


@dataclass
class VerifiedRelease:
    """The faults of the file of a release, and the differences of the data it was made from.

    `erased` says which nights were erased since; that is no fault.
    """

    file: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.file and not self.data


def verify_release(*, release: Release) -> VerifiedRelease:
    """Check the stored file against its checksums, and the study against the manifest."""
    verified = VerifiedRelease(erased=[night.sentence for night in erasures_of(release)])
    if release.rewrite_due:
        verified.erased.append(f"{REWRITE_DUE} It is verified when that is done.")
        return verified
    try:
        with opened(release) as archive:
            verified.file = [*_file_faults(release), *member_faults(archive)]
            if not verified.file:
                with listed_rows(archive) as rows:
                    for night in compared_nights(release.study, manifest_of(release), rows):
                        verified.data += night.differences
    except (OSError, zipfile.BadZipFile) as error:
        verified.file.append(f"The file cannot be read: {error}")
    return verified


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
    """Return name, SHA-256 and size of every file of a frozen release; images in a single row."""
    with opened(release) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        listed = listed_sums(archive)
    images = [sizes[name] for name, _ in listed if name.startswith(IMAGES)]
    files = [(name, digest, sizes[name]) for name, digest in listed if not name.startswith(IMAGES)]
    if images:
        files.append((f"{IMAGES} ({len(images)} files, see {CHECKSUMS})", "", sum(images)))
    return files


class ReleaseForbiddenError(ReleaseRefusedError):
    """The release terms of the study do not allow data that the release contains."""

    status = 403


def refuse_forbidden(study: Study, manifest: Manifest) -> None:
    """Refuse a release with data that the study does not allow, or no longer allows.

    Raises
    ------
    ReleaseForbiddenError
    """
    if kinds := no_longer_allowed(study, manifest.carries):
        raise ReleaseForbiddenError(
            f"{manifest.title} {manifest.version} contains {' and '.join(kinds)}, and the"
            " release terms of the study do not allow this."
        )


def manifest_of(release: Release) -> Manifest:
    assert release.manifest is not None, "only frozen releases have a manifest"
    return Manifest.from_json(release.manifest)


def erasures_of(release: Release) -> tuple[ErasedNight, ...]:
    """Return the nights of a release that were erased after it was frozen."""
    return tuple(ErasedNight(**night) for night in release.erasures)


def refuse_closed_release(release: Release, user: User) -> None:
    """Refuse a release, draft or frozen, with a recording that is closed to `user`.

    Raises
    ------
    UnaidedNightsError
    """
    refuse_unaided_nights(_recordings_in(release), user)


def _recordings_in(release: Release) -> set[int]:
    """Return the ids of the recordings of a release; of a draft also of its stored preview.

    A release names its recordings as they were called then. Where a name is no longer known, the
    recording may have another name by now, so every recording of the study counts.
    """
    if release.is_frozen:
        names = {night.recording for night in manifest_of(release).nights}
        chosen = set[int]()
    else:
        names = {key.rpartition(" by ")[0] for key in preview_of(release).nights}
        composition = Composition.from_json(release.composition)
        chosen = {s.recording_id for s in selected_scorings(release.study, composition)}
    of_study = {recording.name: recording.pk for recording in release.study.recordings.all()}
    if not names <= of_study.keys():
        return set(of_study.values())
    return chosen.union(of_study[name] for name in names)


@contextmanager
def opened(release: Release) -> Iterator[zipfile.ZipFile]:
    with stored_file(release) as file, zipfile.ZipFile(file) as archive:
        yield archive


def stored_file(release: Release) -> File:
    """Open the file with a handle of its own; the field would share a handle.

    Raises
    ------
    ReleaseRefusedError
        While the file still holds erased nights.
    """
    if release.rewrite_due:
        raise ReleaseRefusedError(REWRITE_DUE, advice="Try again in some minutes.")
    return release.file.storage.open(str(release.file.name), "rb")


@contextmanager
def listed_rows(archive: zipfile.ZipFile) -> Iterator[Iterator[ListedRow]]:
    with archive.open(ROWS) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        yield read_row_list(file)


def _file_faults(release: Release) -> list[str]:
    with stored_file(release) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return (
        [] if digest == release.sha256 else [f"The file was changed: its SHA-256 is now {digest}."]
    )


def member_faults(archive: zipfile.ZipFile) -> list[str]:
    """Return the files in the zip of a release that do not match its checksums."""
    faults = []
    for name, frozen in listed_sums(archive):
        with archive.open(name) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        if digest != frozen:
            faults.append(f"{name} does not match {CHECKSUMS}.")
    return faults


def listed_sums(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return name and SHA-256 of every file, as the zip of a release lists them."""
    lines = archive.read(CHECKSUMS).decode().splitlines()
    return [(name, digest) for digest, _, name in (line.partition("  ") for line in lines)]
