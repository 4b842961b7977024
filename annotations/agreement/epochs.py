"""The epochs behind a number of agreement, in the order of the night or the doubtful ones first."""

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
    """Which epochs to find, of those that two or more of the columns scored."""

    differ: bool = False
    """Only those on which not all say the same."""
    stages: tuple[str, str] = ("", "")
    """What the first and the second column say, NO_STAGE for no stage; of two columns only."""
    stage: str = ""
    """Given by at least one."""
    rule: str = ""
    """Cited by at least one, of the scorings that cite rules."""
    place: str = "all"
    """One of PLACES; of two columns, transitions are those of the second where `by_second`."""
    by_second: bool = False
    recording_id: int | None = None
    order: str = "night"
    """Or `disagreement` or `uncertainty`: the most first."""


@dataclass(frozen=True)
class FoundEpoch:
    """One epoch: the share of scorers outside the largest camp, and the least sure model."""

    night: SheetRow
    epoch: int
    dissent: float
    certainty: float | None

    @property
    def recording(self) -> Recording:
        return self.night.recording


@dataclass(frozen=True)
class ScorerAnswer:
    """What one column says of an epoch; the score comes along where words are asked for."""

    column: Column
    scoring: Scoring | None
    stage: str | None
    score: EpochScore | None = None


def find_epochs(sheet: Sheet, wanted: EpochQuery) -> list[FoundEpoch]:
    """Find the epochs over which a number was counted, as many as the number says."""
    of = citing_only(sheet) if wanted.rule else sheet
    found = [
        one
        for night in of.nights
        if wanted.recording_id in (None, night.recording.pk)
        for one in _of_night(of, night, wanted)
    ]
    if wanted.order == "disagreement":
        found.sort(key=lambda one: -one.dissent)
    if wanted.order == "uncertainty":
        found.sort(key=lambda one: 2.0 if one.certainty is None else one.certainty)
    return found


def said_of(
    sheet: Sheet, found: Sequence[FoundEpoch], *, with_words: bool
) -> list[list[ScorerAnswer]]:
    """Tell what every column says of each of the epochs."""
    scorings = {s.pk for one in found for s in one.night.scorings.values()}
    epochs = {one.epoch for one in found}
    rows = EpochScore.objects.filter(scoring__in=scorings, epoch__in=epochs).order_by()
    scores = {(row.scoring_id, row.epoch): row for row in rows} if with_words else {}
    return [[_said(sheet, one, column, scores) for column in sheet.columns] for one in found]


def _said(
    sheet: Sheet, found: FoundEpoch, column: Column, scores: dict[tuple[int, int], EpochScore]
) -> ScorerAnswer:
    scoring = found.night.scorings.get(column.key)
    if scoring is None:
        return ScorerAnswer(column, None, None)
    code = int(sheet.coded[scoring.pk].stages[found.epoch])
    stage = str(STAGES[code]) if code >= 0 else None
    return ScorerAnswer(column, scoring, stage, scores.get((scoring.pk, found.epoch)))


def _of_night(sheet: Sheet, night: SheetRow, wanted: EpochQuery) -> list[FoundEpoch]:
    codes = sheet.codes(night)
    counts = category_counts(codes, len(STAGES))
    given, largest = counts.sum(axis=1), counts.max(axis=1)
    mask = _asked_for(codes, given, wanted) & _at(codes, wanted)
    if wanted.differ:
        mask &= largest < given
    if wanted.stage:
        mask &= counts[:, _CODE_OF[wanted.stage]] > 0
    if wanted.rule:
        mask &= _citing(sheet, night, wanted.rule)
    certainty = sheet.certainty(night)
    return [
        FoundEpoch(
            night=night,
            epoch=int(epoch),
            dissent=float(1 - largest[epoch] / given[epoch]) if given[epoch] else 0.0,
            certainty=None if np.isnan(certainty[epoch]) else float(certainty[epoch]),
        )
        for epoch in np.flatnonzero(mask)
    ]


def _asked_for(codes: Codes, given: NDArray[np.int64], wanted: EpochQuery) -> NDArray[np.bool_]:
    """Two scored it; or the second did, where epochs that the first did not stage are meant."""
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
    cited = [one.cited([rule])[:, 0] for one in coded]
    return np.any(cited, axis=0)
