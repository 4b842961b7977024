"""Erasing nights from frozen releases.

With the night its release is marked: nobody gets the file any more, and a worker writes it again
without the night. The manifest as frozen stays in the database; it names the night by its code and
has the hash of its rows together. Hashes of single rows go with the file: a row without words has
so few possible contents that its hash would reveal its stage.
"""

import hashlib
import logging
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from annotations.downloads import Checksummed, Table, ZipSink, write_csv
from annotations.releases.archive import MANIFEST, RATINGS, write_release
from annotations.releases.composition import Composition
from annotations.releases.copies import frozen_ratings
from annotations.releases.formats.rowlist import COLUMNS as ROW_COLUMNS
from annotations.releases.formats.rowlist import NAME as ROWS
from annotations.releases.formats.rowlist import ListedRow
from annotations.releases.lifecycle import change_release, discard_draft_release, note
from annotations.releases.manifest import ErasedNight, Manifest, software
from annotations.releases.models import HarmlessWords, Release, ReleaseEvent, ReleaseFinding
from annotations.releases.nights import ReleaseNight
from annotations.releases.planning import ReleasePreview, counts_of, preview_of, subjects_by_part
from annotations.releases.rebuilding import compared_nights
from annotations.releases.verifying import erasures_of, listed_rows, manifest_of
from psg.manifest import NightEntry
from psg.typed_json import as_json
from recordings.removals import remove_files
from recordings.store import unnamed_file
from recordings.storing import COMMIT_IS_UNKNOWN
from studies.models import Study, User

State = Release.State
WITHOUT_FILES = (
    "Nights were erased from this release. The study has changed since the release was frozen, so"
    " its other files cannot be written again from the study. What is left is the manifest and the"
    " hashes of the rows.\n"
)

log = logging.getLogger(__name__)


def frozen_with(study: Study, recordings: Collection[str]) -> list[Release]:
    """Return the frozen releases that still have any of these recordings, given by name."""
    frozen = study.releases.filter(state__in=[State.FROZEN, State.WITHDRAWN])
    return [
        release
        for release in frozen.order_by("pk")
        if any(night.recording in recordings for night in _remaining(release))
    ]


def frozen_recordings(study: Study) -> set[str]:
    """Return the names of all recordings that frozen releases of a study still have."""
    frozen = study.releases.filter(state__in=[State.FROZEN, State.WITHDRAWN])
    return {night.recording for release in frozen for night in _remaining(release)}


def mark_releases(study: Study, recordings: Collection[str], user: User | None) -> None:
    """Mark frozen releases, in the transaction of the erasure and before the rows go."""
    for release in frozen_with(study, recordings):
        _mark(Release.objects.select_for_update().get(pk=release.pk), recordings, user)
    _forget_findings(study, recordings)


def change_drafts(study: Study, recordings: Collection[str]) -> None:
    """Preview drafts again without these nights, after the rows are gone."""
    for draft in study.releases.filter(state=State.DRAFT):
        _change_draft(draft, recordings)


def _remaining(release: Release) -> list[NightEntry]:
    erased = {(night.recording, night.scorer) for night in erasures_of(release)}
    nights = manifest_of(release).nights
    return [night for night in nights if (night.recording, night.scorer) not in erased]


def _mark(release: Release, recordings: Collection[str], user: User | None) -> None:
    today = f"{timezone.now():%Y-%m-%d}"
    gone = [night for night in _remaining(release) if night.recording in recordings]
    release.as_frozen = release.as_frozen or {
        "manifest": release.manifest,
        "sha256": release.sha256,
        "size": release.size,
    }
    release.erasures = [
        *release.erasures,
        *(
            as_json(ErasedNight(today, n.recording, n.scorer, n.row_count, n.rows_sha256))
            for n in gone
        ),
    ]
    release.rewrite_due = True
    release.save(update_fields=["as_frozen", "erasures", "rewrite_due"])
    note(release, ReleaseEvent.Kind.ERASED, user)


def _forget_findings(study: Study, recordings: Collection[str]) -> None:
    """Delete detected passages in the texts of these nights, and the marks on them."""
    findings = ReleaseFinding.objects.filter(release__study=study)
    gone = [
        finding
        for finding in findings.select_related("score__scoring__recording")
        if (finding.score and finding.score.scoring.recording.name in recordings)
        or any(name in finding.place for name in recordings)
    ]
    texts = {finding.text_sha256 for finding in gone}
    findings.filter(pk__in=[finding.pk for finding in gone]).delete()
    left = set(findings.values_list("text_sha256", flat=True))
    HarmlessWords.objects.filter(study=study, text_sha256__in=texts - left).delete()


def _change_draft(draft: Release, recordings: Collection[str]) -> None:
    """Preview a draft again without these nights; a draft of nothing else is deleted."""
    chosen = Composition.from_json(draft.composition)
    left = tuple(name for name in chosen.recordings if name not in recordings)
    if chosen.recordings and not left:
        discard_draft_release(release=draft)
        return
    parts = {name: part for name, part in chosen.given_parts.items() if name not in recordings}
    composition = replace(chosen, recordings=left, given_parts=parts)
    change_release(release=draft, title=draft.title, composition=composition, user=None)


# Writing the file of a release again.


def rewrite_due_releases() -> int:
    """Write every marked file again; return how many are still due, to be tried again later."""
    for pk in Release.objects.filter(rewrite_due=True).values_list("pk", flat=True):
        try:
            _rewrite(pk)
        except OSError:
            log.exception("the file of release %s could not be written without erased nights", pk)
    return Release.objects.filter(rewrite_due=True).count()


@transaction.atomic
def _rewrite(pk: int) -> None:
    release = (
        Release.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("study")
        .filter(pk=pk, rewrite_due=True)
        .first()
    )
    if release is None:
        return  # another worker writes it
    old = str(release.file.name)
    with unnamed_file() as file:
        with (
            release.file.storage.open(old, "rb") as stored,
            zipfile.ZipFile(stored) as archive,
        ):
            manifest = _write_again(release, archive, file)
        release.size = file.tell()
        file.seek(0)
        release.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        release.file.save(release.file_name, File(file), save=False)
    try:
        release.manifest = manifest.as_json()
        release.preview = _preview(release, manifest).as_json()
        release.rewrite_due = False
        release.save()
        remove_files([old])
    except COMMIT_IS_UNKNOWN:
        raise
    except BaseException:
        release.file.delete(save=False)
        raise


def _preview(release: Release, manifest: Manifest) -> ReleasePreview:
    """Return what the page of the release shows, without the nights that were erased."""
    preview = preview_of(release)
    keys = {night.key for night in manifest.nights}
    return replace(
        preview,
        nights={key: sha256 for key, sha256 in preview.nights.items() if key in keys},
        subjects=manifest.subjects,
        counts=manifest.counts,
        epochs=sum(night.kept_count for night in manifest.nights),
        left_out=sum(night.row_count - night.kept_count for night in manifest.nights),
    )


def _write_again(release: Release, archive: zipfile.ZipFile, file: IO[bytes]) -> Manifest:
    bare = _without_erased(release)
    keys = {(night.recording, night.scorer) for night in bare.nights}
    known = {night.recording for night in bare.nights}
    frozen = frozen_ratings(archive)
    place = list(frozen.columns).index("recording")
    ratings = Table(frozen.columns, [row for row in frozen.rows if row[place] in known])
    with _left(archive, keys) as listed:
        counted = _counted(release.study, bare, listed)
    with zipfile.ZipFile(file, "w") as made, _left(archive, keys) as listed:
        if counted is None:
            _write_hashes(ZipSink(made), bare, listed, ratings)
            return bare
        nights = (night.night for night in compared_nights(release.study, counted, listed))
        write_release(
            ZipSink(made),
            study=release.study,
            manifest=counted,
            nights=_present(nights),
            ratings=ratings,
        )
    return counted


@contextmanager
def _left(
    archive: zipfile.ZipFile, keys: Collection[tuple[str, str]]
) -> Iterator[Iterator[ListedRow]]:
    with listed_rows(archive) as rows:
        yield (row for row in rows if row.night in keys)


def _present(nights: Iterable[ReleaseNight | None]) -> Iterator[ReleaseNight]:
    return (night for night in nights if night is not None)


def _without_erased(release: Release) -> Manifest:
    manifest = manifest_of(release)
    erased = erasures_of(release)
    gone = {(night.recording, night.scorer) for night in erased}
    nights = tuple(n for n in manifest.nights if (n.recording, n.scorer) not in gone)
    names = {night.recording for night in erased} - {night.recording for night in nights}
    composition = manifest.composition
    left = tuple(name for name in composition.recordings if name not in names)
    parts = {name: part for name, part in composition.given_parts.items() if name not in names}
    return replace(
        manifest,
        composition=replace(composition, recordings=left, given_parts=parts),
        nights=nights,
        erased=erased,
        settled=tuple(n for n in manifest.settled if (n.recording, n.scorer) not in gone),
        software=software(),
    )


def _counted(study: Study, manifest: Manifest, listed: Iterable[ListedRow]) -> Manifest | None:
    """Count the nights that are left; None if the study no longer has them as frozen."""
    contents = []
    for compared in compared_nights(study, manifest, listed):
        if compared.night is None or compared.differences:
            return None
        contents.append((compared.night.stages, compared.night.rules))
    scorers = {night.scorer for night in manifest.nights}
    return replace(
        manifest,
        counts=counts_of(manifest.nights, contents),
        subjects=subjects_by_part(manifest.nights),
        scorers=tuple(scorer for scorer in manifest.scorers if scorer.name in scorers),
    )


def _write_hashes(
    sink: ZipSink, manifest: Manifest, listed: Iterable[ListedRow], ratings: Table
) -> None:
    files = Checksummed(sink)
    with files.text(ROWS) as file:
        rows = [(r.recording, r.scorer, r.epoch, int(r.is_kept), r.sha256) for r in listed]
        write_csv(file, Table(ROW_COLUMNS, rows))
    if ratings.rows:
        with files.text(RATINGS) as file:
            write_csv(file, ratings)
    for name, text in {MANIFEST: manifest.in_order().text(), "README.md": WITHOUT_FILES}.items():
        with files.text(name) as file:
            file.write(text)
    files.write_checksums()
