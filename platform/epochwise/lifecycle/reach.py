"""What an erasure of recordings deletes and changes, and who is working on it."""

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from annotations.exchange.models import Export, FileImport
from annotations.rating.models import RatingStudy
from annotations.releases.archive import MANIFEST
from annotations.releases.erasing import frozen_with
from annotations.releases.models import Release
from annotations.scoring.models import Scorer, Scoring
from epochwise.lifecycle.plan import NIGHT_STEPS
from inference.models import RunChunk
from jobs.models import LeasedWork
from psg.errors import RefusedError
from psg.manifest import published_manifest
from recordings.models import Ingest, IntakeNight, Recording, SignalCorrection, Subject
from recordings.orphans import unclaimed_uploads
from recordings.quarantine import quarantined_files
from recordings.store import store_root
from recordings.storing import work_folders
from studies.models import Study


class InUseError(RefusedError):
    """A person or a worker uses what would be erased."""

    code = "busy"
    status = 409


@dataclass(frozen=True)
class Nights:
    """Recordings of a study that are erased together; all of `subject`, if it is given."""

    study: Study
    recordings: tuple[Recording, ...]
    subject: Subject | None = None

    @property
    def pks(self) -> list[int]:
        return [recording.pk for recording in self.recordings]

    @property
    def names(self) -> set[str]:
        return {recording.name for recording in self.recordings}


@dataclass(frozen=True)
class RowCount:
    """How many rows of a kind are deleted."""

    words: str
    count: int


@dataclass(frozen=True)
class Reach:
    """Everything that an erasure reaches."""

    rows: tuple[RowCount, ...]
    files: tuple[str, ...]
    exports: tuple[Export, ...]
    imports: tuple[FileImport, ...]
    pruned_imports: tuple[FileImport, ...]
    releases: tuple[Release, ...]
    rating_studies: tuple[RatingStudy, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {
            **{counted.words: counted.count for counted in self.rows},
            "exports": len(self.exports),
            "imports of scorings": len(self.imports),
            "files": len(self.files),
        }


def reach_of(nights: Nights) -> Reach:
    """Look up everything that is deleted or changed with these recordings."""
    counts = [(step.words, step.rows(nights.pks).count()) for step in NIGHT_STEPS]
    counts.append(("nights of the subject in open intake queues", len(queued_nights(nights))))
    exports = tuple(_exports(nights))
    imports = tuple(made for made in _imports(nights) if made.file)
    return Reach(
        rows=tuple(RowCount(words, count) for words, count in counts if count),
        files=tuple(sorted(_files(nights, exports, imports))),
        exports=exports,
        imports=imports,
        pruned_imports=tuple(made for made in _imports(nights) if not made.file),
        releases=tuple(frozen_with(nights.study, nights.names)),
        rating_studies=tuple(rating_studies_with(nights)),
    )


def queued_nights(nights: Nights) -> list[IntakeNight]:
    """Return nights of an erased subject that are not imported yet."""
    if nights.subject is None:
        return []
    queued = IntakeNight.objects.filter(
        queue__study=nights.study, subject=nights.subject.code, recording=None
    )
    return list(queued.exclude(state=IntakeNight.State.IMPORTED).select_related("queue", "file"))


def rating_studies_with(nights: Nights) -> list[RatingStudy]:
    of_night = Q(items__recording__in=nights.pks) | Q(arms__scorings__recording__in=nights.pks)
    return list(RatingStudy.objects.filter(of_night).distinct().order_by("pk"))


def _exports(nights: Nights) -> Iterator[Export]:
    """Yield exports by a scorer of these nights: which nights a zip has is not recorded."""
    scorers = Scorer.objects.filter(scorings__recording__in=nights.pks)
    yield from Export.objects.filter(study=nights.study, scorer__in=scorers).order_by("pk")


def _imports(nights: Nights) -> Iterator[FileImport]:
    """Yield imports that name these nights, and those with files that nobody has read yet."""
    for made in imports_of(nights.study):
        if (made.file and made.preview is None) or names_nights(made, nights):
            yield made


def imports_of(study: Study) -> list[FileImport]:
    """Return all imports of files into a study, of MASS-EX and of stage files."""
    return [*study.massex_imports.order_by("pk"), *study.scoring_imports.order_by("pk")]


def names_nights(made: FileImport, nights: Nights) -> bool:
    files = (made.preview or {}).get("files", [])
    return any(is_of(file, nights) for file in files) or any(
        result.get("night") in nights.names for result in made.results
    )


def is_of(file: dict[str, object], nights: Nights) -> bool:
    """Whether the preview of a file of an import is about one of these nights."""
    codes = {recording.subject.code for recording in nights.recordings}
    by_name = file.get("recording") in nights.names or file.get("subject") in codes
    return by_name or file.get("recording_id") in nights.pks


def _files(
    nights: Nights, exports: Sequence[Export], imports: Sequence[FileImport]
) -> Iterator[str]:
    """Yield the paths of files in the store, those in quarantine too."""
    own = {*_stored(nights), *_incoming(nights)}
    own |= {str(export.file.name) for export in exports if export.file}
    own |= {str(made.file.name) for made in imports}
    yield from own
    for entry in quarantined_files():
        # Which nights an upload or a zip in quarantine has is not known.
        if entry.path in own or entry.path.split("/")[0] in ("exports", "imports", "incoming"):
            yield str(entry.place.relative_to(store_root()))
    # Nobody knows whose they are, and the sweep would only move them to quarantine.
    yield from (str(path.relative_to(store_root())) for path in unclaimed_uploads())
    yield from _stray_releases(nights)


def _stray_releases(nights: Nights) -> Iterator[str]:
    """Yield zips left by a worker that was killed while it stored a release of these nights.

    A half zip cannot be read, so it may have them.
    """
    known = set(Release.objects.values_list("file", flat=True))
    folder = store_root() / "releases"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = str(path.relative_to(store_root()))
        if name not in known and _may_have(path, nights):
            yield name


def _may_have(path: Path, nights: Nights) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = published_manifest(json.loads(archive.read(MANIFEST)))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return True
    of_study = manifest.study == nights.study.slug
    return of_study and any(night.recording in nights.names for night in manifest.nights)


def _stored(nights: Nights) -> Iterator[str]:
    for recording in nights.recordings:
        for file in (recording.signals_file, recording.raw_file, recording.spectrogram_file):
            if file:
                yield str(file.name)
    for correction in SignalCorrection.objects.filter(recording__in=nights.pks):
        for replaced in (correction.signals_file, correction.raw_file):
            if replaced:
                yield str(replaced.name)


def _incoming(nights: Nights) -> Iterator[str]:
    root = Path(settings.INCOMING_ROOT)
    for ingest in Ingest.objects.filter(recording__in=nights.pks):
        for name in ingest.incoming_names:
            if (root / name).exists():
                yield str((root / name).relative_to(store_root()))
            # Work folders of killed attempts.
            yield from (str(path.relative_to(store_root())) for path in root.glob(f"{name}.*"))
    for correction in SignalCorrection.objects.filter(recording__in=nights.pks):
        for folder in work_folders(root / correction.folder_name):
            yield str(folder.relative_to(store_root()))


# Who is working on it.


def refuse_busy(nights: Nights) -> None:
    """Refuse to erase what a worker holds.

    Raises
    ------
    InUseError
    """
    if works := list(_works(nights)):
        raise InUseError(
            f"This is in use: {'; '.join(works)}. Nothing was erased.",
            advice="Wait until it is finished, or stop it first.",
        )


def _works(nights: Nights) -> Iterator[str]:
    study = nights.study
    if _held(Ingest, recording__in=nights.pks):
        yield "its file is being imported"
    if _held(SignalCorrection, recording__in=nights.pks):
        yield "its signals are being corrected"
    if _held(RunChunk, run__recording__in=nights.pks):
        yield "a model is scoring it"
    if any(export.is_busy for export in _exports(nights)):
        yield "an export is being made"
    if any(made.is_busy for made in imports_of(study)):
        yield "an import of scorings is being read or written"
    if study.releases.filter(state__in=[Release.State.WAITING, Release.State.FREEZING]).exists():
        yield "a release of the study is being frozen"
    launching = [r for r in rating_studies_with(nights) if r.state == RatingStudy.State.LAUNCHING]
    if launching:
        yield "a rating study with it is being launched"


def _held(model: type[LeasedWork], **lookup: object) -> bool:
    rows = model._default_manager.filter(Q(state=model.RUNNING), **lookup)
    return rows.exclude(model.waiting()).exclude(model.lease_is_over()).exists()


def open_scorings(nights: Nights) -> list[Scoring]:
    """Return scorings that people still work on; the page names them."""
    return list(
        Scoring.objects.filter(
            recording__in=nights.pks, state=Scoring.State.OPEN, scorer__kind=Scorer.Kind.HUMAN
        ).select_related("scorer", "recording")
    )
