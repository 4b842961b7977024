"""The rows of a frozen release in a study as it is now, here or in a copy of the study."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby

from annotations.releases.formats.rowlist import ListedRow
from annotations.releases.manifest import Manifest
from annotations.releases.nights import (
    KeptRow,
    ReleaseNight,
    ReleaseRow,
    rows_sha256,
    score_rows,
)
from annotations.scoring.models import Scoring
from psg.errors import RefusedError
from psg.manifest import NightEntry
from studies.models import Study, Track

SHOWN_EPOCHS = 8


class DataChangedError(RefusedError):
    """The study no longer contains the rows that were frozen, as listed in `differences`."""

    code = "data_changed"
    status = 409

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__("; ".join(differences))
        self.differences = list(differences)


@dataclass(frozen=True)
class ComparedNight:
    """A night as the study has it now, with its differences from the frozen night."""

    entry: NightEntry
    night: ReleaseNight | None
    differences: list[str]


def compared_nights(
    study: Study, manifest: Manifest, listed: Iterable[ListedRow]
) -> Iterator[ComparedNight]:
    """Compare night after night; `listed` has the rows in the order of the manifest."""
    with_words = manifest.composition.track == Track.FINE
    rows_of = groupby(listed, key=lambda row: row.night)
    for entry in manifest.nights:
        frozen: dict[int, ListedRow] = {}
        if entry.row_count:
            _, rows = next(rows_of)
            frozen = {row.epoch: row for row in rows}
        yield _closest(study, entry, frozen, with_words=with_words)


def rebuilt_nights(
    study: Study, manifest: Manifest, listed: Iterable[ListedRow]
) -> Iterator[ReleaseNight]:
    """Yield the nights as they were frozen.

    Raises
    ------
    DataChangedError
    """
    for compared in compared_nights(study, manifest, listed):
        if compared.night is None or compared.differences:
            raise DataChangedError(compared.differences)
        yield compared.night


def _closest(
    study: Study, entry: NightEntry, frozen: Mapping[int, ListedRow], *, with_words: bool
) -> ComparedNight:
    candidates = Scoring.objects.filter(
        recording__study=study, recording__name=entry.recording
    ).select_related("recording__subject", "scorer")
    compared: list[ComparedNight] = []
    for scoring in sorted(candidates, key=lambda s: (not _is_like(s, entry), s.pk)):
        is_fine = with_words and scoring.track == Track.FINE
        compared.append(_compare(scoring, entry, frozen, with_words=is_fine))
        if not compared[-1].differences:
            break
    missing = ComparedNight(entry, None, [f"{entry.key}: there is no such scoring any more"])
    return min(compared, key=lambda night: len(night.differences), default=missing)


def _is_like(scoring: Scoring, entry: NightEntry) -> bool:
    """Whether a scoring is of the frozen kind.

    A scoring of another kind may hold the same rows: a consensus that was imported from a file.
    """
    return scoring.scorer.kind == entry.kind and scoring.pass_number == entry.pass_number


def _compare(
    scoring: Scoring, entry: NightEntry, frozen: Mapping[int, ListedRow], *, with_words: bool
) -> ComparedNight:
    rows = score_rows(scoring, with_words=with_words)
    differences = [*_changed_facts(scoring, entry), *_changed_rows(rows, entry, frozen)]
    kept = [KeptRow(row, row.epoch in frozen and frozen[row.epoch].is_kept) for row in rows]
    if not differences and rows_sha256(kept) != entry.rows_sha256:
        differences.append(f"{entry.key}: the list of rows does not fit the manifest")
    return ComparedNight(entry, ReleaseNight(entry, kept), differences)


def _changed_facts(scoring: Scoring, entry: NightEntry) -> list[str]:
    recording = scoring.recording
    now = replace(
        entry,
        subject=recording.subject.code,
        recording_sha256=recording.sha256,
        has_images=entry.has_images and recording.has_signals,
        epoch0_s=recording.epoch0_s,
        epoch_count=recording.epoch_count,
        lights=(recording.lights_off_s, recording.lights_on_s),
        scorer_lights=(scoring.lights_off_s, scoring.lights_on_s),
    )
    names = [field.name for field in fields(entry)]
    return [
        f"{entry.key}: {name.replace('_', ' ')} was {_shown(was)}, is {_shown(current)}"
        for name, was, current in ((n, getattr(entry, n), getattr(now, n)) for n in names)
        if was != current
    ]


def _shown(fact: object) -> object:
    return "none" if fact is None or fact == "" else fact


def _changed_rows(
    rows: Sequence[ReleaseRow], entry: NightEntry, frozen: Mapping[int, ListedRow]
) -> list[str]:
    now = {row.epoch: row.sha256 for row in rows}
    epochs = sorted(
        epoch
        for epoch in {*now, *frozen}
        if now.get(epoch) != (frozen[epoch].sha256 if epoch in frozen else None)
    )
    changed = [
        f"{entry.key}: epoch {epoch} {_what(epoch in now, epoch in frozen)}"
        for epoch in epochs[:SHOWN_EPOCHS]
    ]
    if len(epochs) > SHOWN_EPOCHS:
        changed.append(f"{entry.key}: and {len(epochs) - SHOWN_EPOCHS} more epochs")
    return changed


def _what(is_now: bool, was_frozen: bool) -> str:
    if is_now and was_frozen:
        return "has changed"
    return "is new" if is_now else "is gone"
