"""The epochs behind a number of a report on agreement, and the stages of each scorer there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import Codes
from annotations.agreement.rules import citing_only
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.scoring.models import EpochScore, Scoring
from psg.agreement import at_transition, category_counts
from psg.stages import STAGES
from recordings.models import Recording

NO_STAGE = "none"
_CODE_OF = {**{stage.value: code for code, stage in enumerate(STAGES)}, NO_STAGE: -1}


@dataclass(frozen=True)
class EpochQuery:
    """A filter of the epochs that two or more of the columns scored."""

    differ: bool = False
    """Only epochs with a disagreement."""
    stages: tuple[str, str] = ("", "")
    """Stages of the first and of the second column, NO_STAGE for no stage; of two columns only."""
    stage: str = ""
    """A stage that at least one column gives."""
    rule: str = ""
    """A rule that at least one column cites; only scorings that cite rules count."""
    place: str = "all"
    """One of PLACES."""
    by_second: bool = False
    """Whether only the transitions of the second column count."""
    recording_id: int | None = None
    order: str = "night"
    """`night`; or `disagreement` or `uncertainty`, the largest first."""


@dataclass(frozen=True)
class ListedEpoch:
    """An epoch: the share of scorers not in the majority, and the lowest probability."""

    night: SheetRow
    epoch: int
    dissent: float
    certainty: float | None

    @property
    def recording(self) -> Recording:
        return self.night.recording


@dataclass(frozen=True)
class ScorerAnswer:
    """The stage of one column at an epoch; `score` has rules and rationale where requested."""

    column: Column
    scoring: Scoring | None
    stage: str | None
    score: EpochScore | None = None


def find_epochs(sheet: Sheet, wanted: EpochQuery) -> list[ListedEpoch]:
    """Return the epochs that a number of the report counts."""
    compared = citing_only(sheet) if wanted.rule else sheet
    epochs = [
        epoch
        for night in compared.nights
        if wanted.recording_id in (None, night.recording.pk)
        for epoch in _of_night(compared, night, wanted)
    ]
    if wanted.order == "disagreement":
        epochs.sort(key=lambda epoch: -epoch.dissent)
    if wanted.order == "uncertainty":
        epochs.sort(key=lambda epoch: 2.0 if epoch.certainty is None else epoch.certainty)
    return epochs


def answers_at(
    sheet: Sheet, epochs: Sequence[ListedEpoch], *, with_words: bool
) -> list[list[ScorerAnswer]]:
    """Return for each epoch the answer of every column."""
    scorings = {s.pk for epoch in epochs for s in epoch.night.scorings.values()}
    numbers = {epoch.epoch for epoch in epochs}
    rows = EpochScore.objects.filter(scoring__in=scorings, epoch__in=numbers).order_by()
    scores = {(row.scoring_id, row.epoch): row for row in rows} if with_words else {}
    return [[_answer(sheet, epoch, column, scores) for column in sheet.columns] for epoch in epochs]


def _answer(
    sheet: Sheet, listed: ListedEpoch, column: Column, scores: dict[tuple[int, int], EpochScore]
) -> ScorerAnswer:
    scoring = listed.night.scorings.get(column.key)
    if scoring is None:
        return ScorerAnswer(column, None, None)
    code = int(sheet.coded[scoring.pk].stages[listed.epoch])
    stage = str(STAGES[code]) if code >= 0 else None
    return ScorerAnswer(column, scoring, stage, scores.get((scoring.pk, listed.epoch)))


def _of_night(sheet: Sheet, night: SheetRow, wanted: EpochQuery) -> list[ListedEpoch]:
    codes = sheet.codes(night)
    counts = category_counts(codes, len(STAGES))
    given, largest = counts.sum(axis=1), counts.max(axis=1)
    mask = _of_stages(codes, given, wanted) & _at(codes, wanted)
    if wanted.differ:
        mask &= largest < given
    if wanted.stage:
        mask &= counts[:, _CODE_OF[wanted.stage]] > 0
    if wanted.rule:
        mask &= _citing(sheet, night, wanted.rule)
    certainty = sheet.certainty(night)
    return [
        ListedEpoch(
            night=night,
            epoch=int(epoch),
            dissent=float(1 - largest[epoch] / given[epoch]) if given[epoch] else 0.0,
            certainty=None if np.isnan(certainty[epoch]) else float(certainty[epoch]),
        )
        for epoch in np.flatnonzero(mask)
    ]


def _of_stages(codes: Codes, given: NDArray[np.int64], wanted: EpochQuery) -> NDArray[np.bool_]:
    """Mark epochs of these stages; the first need not have scored them if NO_STAGE is wanted."""
    first, second = wanted.stages
    mask = codes[:, -1] >= 0 if first == NO_STAGE else given > 1
    for column, stage in enumerate((first, second)):
        if stage:
            mask = mask & (codes[:, column] == _CODE_OF[stage])
    return mask


def _at(codes: Codes, wanted: EpochQuery) -> NDArray[np.bool_]:
    if wanted.place == "all":
        return np.ones(len(codes), dtype=np.bool_)
    beside = at_transition(codes[:, -1:] if wanted.by_second else codes)
    return beside if wanted.place == "transition" else ~beside


def _citing(sheet: Sheet, night: SheetRow, rule: str) -> NDArray[np.bool_]:
    coded = (sheet.coded[scoring.pk] for scoring in night.scorings.values())
    cited = [scoring.cited([rule])[:, 0] for scoring in coded]
    return np.any(cited, axis=0)
