"""The epochs behind a number of a report on agreement, and the stages of each scorer there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import Codes
from annotations.agreement.rules import citing_only, rules_cited
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


@dataclass(frozen=True)
class NightEpochs:
    """Epochs of a recording, with what a `ListedEpoch` says of them; NaN without a probability."""

    epoch: NDArray[np.int64]
    dissent: NDArray[np.float64]
    certainty: NDArray[np.float64]


_NO_EPOCHS = np.empty(0, dtype=np.int64)
_NO_SHARES = np.empty(0, dtype=np.float64)


class FoundEpochs(Sequence[ListedEpoch]):
    """Epochs as arrays: a study has hundreds of thousands, and a page shows a hundred of them."""

    def __init__(self, nights: Sequence[tuple[SheetRow, NightEpochs]], order: str) -> None:
        self._nights = [night for night, _ in nights]
        found = [epochs for _, epochs in nights]
        counts = [len(epochs.epoch) for epochs in found]
        self._night = np.repeat(np.arange(len(found)), counts)
        self._epoch = np.concatenate([_NO_EPOCHS, *(epochs.epoch for epochs in found)])
        self._dissent = np.concatenate([_NO_SHARES, *(epochs.dissent for epochs in found)])
        self._certainty = np.concatenate([_NO_SHARES, *(epochs.certainty for epochs in found)])
        keys = {"disagreement": -self._dissent, "uncertainty": self._certainty}  # NaN goes last
        key = keys.get(order, np.zeros(len(self._epoch)))
        self._order = np.argsort(key, kind="stable")

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> ListedEpoch: ...

    @overload
    def __getitem__(self, place: slice) -> list[ListedEpoch]: ...

    def __getitem__(self, place: int | slice) -> ListedEpoch | list[ListedEpoch]:
        if isinstance(place, slice):
            return [self._listed(index) for index in self._order[place].tolist()]
        return self._listed(int(self._order[place]))

    def _listed(self, index: int) -> ListedEpoch:
        certainty = float(self._certainty[index])
        return ListedEpoch(
            night=self._nights[self._night[index]],
            epoch=int(self._epoch[index]),
            dissent=float(self._dissent[index]),
            certainty=None if math.isnan(certainty) else certainty,
        )


def find_epochs(sheet: Sheet, wanted: EpochQuery) -> FoundEpochs:
    """Return the epochs that a number of the report counts."""
    compared = citing_only(sheet, rules_cited(sheet)) if wanted.rule else sheet
    nights = [n for n in compared.nights if wanted.recording_id in (None, n.recording.pk)]
    return FoundEpochs([(n, _of_night(compared, n, wanted)) for n in nights], wanted.order)


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


def _of_night(sheet: Sheet, night: SheetRow, wanted: EpochQuery) -> NightEpochs:
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
    epoch = np.flatnonzero(mask)
    share = largest[epoch] / np.maximum(given[epoch], 1)
    return NightEpochs(
        epoch=epoch,
        dissent=np.where(given[epoch] > 0, 1 - share, 0.0),
        certainty=sheet.certainty(night)[epoch].astype(np.float64),
    )


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
