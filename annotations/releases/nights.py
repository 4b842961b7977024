"""A night of a release: its entry in the manifest, its rows and their hashes."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db.models import F

from annotations.exchange.massex_tables import ExportRow
from annotations.rating.models import DIMENSIONS, Rating, RatingArm, RatingItem
from annotations.releases.composition import Composition
from annotations.scoring.models import FINISHED, EpochScore, Scorer, Scoring
from psg.epochs import EpochGrid
from psg.manifest import NightEntry
from psg.massex import UNSCORED_TEXT
from psg.typed_json import JsonObject
from studies.models import Track

# An encoder for all rows: json.dumps makes a new encoder for each call with options.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class ReleaseRow:
    """What a release contains of an epoch score."""

    pk: int
    epoch: int
    stage: str | None
    rules: tuple[str, ...]
    rationale: str
    flags: tuple[str, ...]
    source_text: str
    evidence: tuple[JsonObject, ...]
    grounding: str = ""

    @property
    def exported_text(self) -> str:
        """The stage as its source writes it; exports contain this text."""
        return self.source_text or self.stage or UNSCORED_TEXT

    @cached_property
    def sha256(self) -> str:
        """Hash the contents; the text of the stage counts as an import brings it back."""
        contents = [
            *(self.epoch, self.stage, self.rules, self.rationale, self.flags),
            *(self.exported_text, self.evidence),
            *([self.grounding] if self.grounding else []),
        ]
        return hashlib.sha256(_JSON.encode(contents).encode()).hexdigest()


@dataclass(frozen=True)
class KeptRow:
    """A scored epoch of a night, with whether it is in the release."""

    row: ReleaseRow
    is_kept: bool


def score_rows(scoring: Scoring, *, with_words: bool) -> list[ReleaseRow]:
    """Read the epochs of a scoring in order, in a single query."""
    values = (
        EpochScore.objects.filter(scoring=scoring)
        .order_by("epoch")
        .values_list(
            "pk",
            "epoch",
            "stage",
            "rules",
            "rationale",
            "flags",
            "source_text",
            "evidence",
            "grounding",
        )
    )
    return [
        ReleaseRow(
            pk=pk,
            epoch=epoch,
            stage=stage,
            rules=tuple(rules),
            rationale=rationale if with_words else "",
            flags=tuple(sorted(flags)),
            source_text=source_text,
            evidence=tuple(evidence) if with_words else (),
            grounding=grounding if with_words else "",
        )
        for pk, epoch, stage, rules, rationale, flags, source_text, evidence, grounding in values
    ]


def kept_rows(rows: Iterable[ReleaseRow], keep: Callable[[ReleaseRow], bool]) -> list[KeptRow]:
    """Mark the rows that stay in the release; a row without a stage never does."""
    return [KeptRow(row, row.stage is not None and keep(row)) for row in rows]


def rows_sha256(rows: Sequence[KeptRow]) -> str:
    """Hash the rows of a night: the hash of every row, and whether it is kept."""
    digest = hashlib.sha256()
    for kept in rows:
        digest.update(f"{kept.row.epoch} {int(kept.is_kept)} {kept.row.sha256}\n".encode())
    return digest.hexdigest()


def export_rows(rows: Sequence[KeptRow], grid: EpochGrid) -> list[ExportRow]:
    """Return a row for every epoch of the grid, as exports do; without N where not kept."""
    by_epoch = {kept.row.epoch: kept for kept in rows}
    laid: list[ExportRow] = []
    number = 0
    for epoch in range(grid.epoch_count):
        kept = by_epoch.get(epoch)
        is_kept = kept is not None and kept.is_kept
        laid.append(_export_row(kept, epoch, number if is_kept else None, grid))
        number += is_kept
    return laid


def _export_row(kept: KeptRow | None, epoch: int, number: int | None, grid: EpochGrid) -> ExportRow:
    row = kept.row if kept else None
    is_in = row is not None and number is not None
    return ExportRow(
        number=number,
        epoch=epoch,
        onset_s=grid.onset_s(epoch),
        stage=row.stage if row and is_in else None,
        source_text=row.exported_text if row else UNSCORED_TEXT,
        rationale=row.rationale if row and is_in else "",
        rules=row.rules if row and is_in else (),
    )


# Filters of epochs: by flag, by the ratings of their rationale, by agreement.


Keep = Callable[[ReleaseRow], bool]
EXPERTS = (Scorer.Kind.HUMAN, Scorer.Kind.IMPORT)


def keep_of(composition: Composition, scoring: Scoring) -> Keep:
    """Return the condition that an epoch of this scoring has to meet."""
    tests: list[Keep] = []
    if flags := set(composition.left_out_flags):
        tests.append(lambda row: flags.isdisjoint(row.flags))
    if (least := composition.least_mean_rating) is not None:
        means = mean_ratings(scoring)
        tests.append(lambda row: means.get(row.pk, 0.0) >= least)
    if (percent := composition.least_agreement_percent) is not None:
        others = other_stages(scoring)
        tests.append(lambda r: _agreement_percent(others.get(r.epoch, []), r.stage) >= percent)
    return lambda row: all(test(row) for test in tests)


def mean_ratings(scoring: Scoring) -> dict[int, float]:
    """Return the mean over raters and dimensions of each epoch score that was rated.

    Only ratings of the present text count, and only of studies that are no longer blind.
    """
    ratings = (
        Rating.objects.filter(
            complete=True,
            cannot_judge=False,
            slot__item__source__scoring=scoring,
            slot__item__phase=RatingItem.Phase.MAIN,
            slot__item__arm__kind=RatingArm.Kind.SOURCE,
            slot__item__rating_study__unblinded_at__isnull=False,
            slot__item__rationale=F("slot__item__source__rationale"),
        )
        .order_by("slot__item__source_id")
        .values_list("slot__item__source_id", *DIMENSIONS)
    )
    means: dict[int, float] = {}
    for source_id, group in groupby(ratings, key=lambda values: values[0]):
        scores = [score for values in group for score in values[1:] if score is not None]
        if scores:
            means[source_id] = sum(scores) / len(scores)
    return means


def other_stages(scoring: Scoring) -> dict[int, list[str]]:
    """Return the stages that experts other than this scorer gave each epoch of the night."""
    others = EpochScore.objects.filter(
        scoring__in=Scoring.objects.originals(),
        scoring__recording_id=scoring.recording_id,
        scoring__state__in=FINISHED,
        scoring__scorer__kind__in=EXPERTS,
        stage__isnull=False,
    ).exclude(scoring__scorer_id=scoring.scorer_id)
    stages: dict[int, list[str]] = {}
    for epoch, stage in others.order_by("epoch").values_list("epoch", "stage"):
        stages.setdefault(epoch, []).append(str(stage))
    return stages


def _agreement_percent(others: list[str], stage: str | None) -> float:
    """Return the percentage of other experts with this stage; -1 without other experts."""
    return 100 * sum(other == stage for other in others) / len(others) if others else -1.0


@dataclass(frozen=True)
class ReleaseNight:
    """A night with its rows, for writers; `laid` has every epoch of the grid."""

    entry: NightEntry
    rows: Sequence[KeptRow]

    @cached_property
    def laid(self) -> list[ExportRow]:
        return export_rows(self.rows, self.entry.grid)

    @property
    def stages(self) -> Counter[str]:
        return Counter(str(kept.row.stage) for kept in self.rows if kept.is_kept)

    @property
    def rules(self) -> Counter[str]:
        return Counter(rule for kept in self.rows if kept.is_kept for rule in kept.row.rules)


def read_nights(
    scorings: Sequence[Scoring],
    composition: Composition,
    *,
    scorer_names: dict[int, str],
    night_names: dict[int, str],
    with_images: bool,
) -> Iterator[ReleaseNight]:
    """Read night after night; their parts are still empty."""
    for scoring in scorings:
        with_words = composition.track == Track.FINE and scoring.track == Track.FINE
        rows = score_rows(scoring, with_words=with_words)
        kept = kept_rows(rows, keep_of(composition, scoring))
        yield ReleaseNight(
            entry=_entry(
                scoring,
                kept,
                scorer=scorer_names[scoring.scorer_id],
                name=night_names[scoring.recording_id],
                with_images=with_images,
            ),
            rows=kept,
        )


def _entry(
    scoring: Scoring, rows: Sequence[KeptRow], *, scorer: str, name: str, with_images: bool
) -> NightEntry:
    recording = scoring.recording
    has_words = any(kept.is_kept and kept.row.rationale for kept in rows)
    return NightEntry(
        recording=recording.name,
        subject=recording.subject.code,
        name=name,
        scorer=scorer,
        kind=scoring.scorer.kind,
        pass_number=scoring.pass_number,
        mode=scoring.mode if scoring.scorer.kind == Scorer.Kind.HUMAN else "",
        track=str(Track.FINE if has_words else Track.COARSE),
        part="",
        rule_edition=scoring.rule_edition,
        recording_sha256=recording.sha256,
        has_images=with_images and recording.has_signals,
        epoch0_s=recording.epoch0_s,
        epoch_count=recording.epoch_count,
        lights=(recording.lights_off_s, recording.lights_on_s),
        scorer_lights=(scoring.lights_off_s, scoring.lights_on_s),
        row_count=len(rows),
        kept_count=sum(kept.is_kept for kept in rows),
        rows_sha256=rows_sha256(rows),
    )
