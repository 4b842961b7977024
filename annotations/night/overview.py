"""The overview of a recording: one time axis for everything, and figures over all scorers."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import QuerySet

from annotations.agreement.one_night import ScoredNight, majorities
from annotations.agreement.recording_scorings import (
    Hypnogram,
    RecordingScorings,
    recording_scorings,
)
from annotations.night.axis import Axis, axis_of
from annotations.scoring.models import IS_ORIGINAL, ScoredEvent, Scorer, Scoring
from annotations.visibility import visible_scorings
from recordings.models import Recording
from studies.models import User

SHOWN = 2
"""Scorers whose hypnograms are open at first; the others are strips on request."""
MAJORITY_PERCENT = 75


@dataclass(frozen=True)
class Spread:
    """A sleep statistic over scorers; None where no scorer has it."""

    name: str
    unit: str
    consensus: float | None
    median: float | None
    low: float | None
    high: float | None
    scorers: int


@dataclass(frozen=True)
class Settled:
    """How many of the epochs on which scorers differ a majority would settle."""

    percent: int
    epochs: int
    disputed: int


@dataclass(frozen=True)
class Overview:
    recording: Recording
    scorings: RecordingScorings
    axis: Axis
    shown: list[Hypnogram]
    """Drawn without scripts: the consensus, and the first scorers."""
    hidden_count: int
    spreads: list[Spread]
    settled: Settled
    own: Scoring | None
    """The scoring that the user can continue."""

    @property
    def has_consensus(self) -> bool:
        return any(entry.is_consensus for entry in self.scorings.hypnograms)

    @property
    def scorers(self) -> int:
        """Scorings that are no consensus."""
        return sum(not entry.is_consensus for entry in self.scorings.hypnograms)


def overview_of(recording: Recording, user: User) -> Overview:
    """Gather what `user` may see of the scorings of a recording."""
    found = recording_scorings(recording, user)
    nights = [entry.night for entry in found.hypnograms]
    first = [entry for entry in found.hypnograms if not entry.is_consensus][:SHOWN]
    shown = [entry for entry in found.hypnograms if entry.is_consensus or entry in first]
    visible = visible_scorings(user).filter(recording=recording)
    own = visible.filter(scorer__user_id=user.pk, state=Scoring.State.OPEN)
    return Overview(
        recording=recording,
        scorings=found,
        axis=axis_of(recording, nights, found.compared, _events(visible), shown_first=SHOWN),
        shown=shown,
        hidden_count=len(found.hypnograms) - len(shown),
        spreads=_spreads(found),
        settled=_settled(found.compared),
        own=own.first(),
    )


def _events(visible: QuerySet[Scoring]) -> list[ScoredEvent]:
    """Return the events of imported files, those of copies left out."""
    scorings = visible.exclude(state=Scoring.State.WITHDRAWN).filter(IS_ORIGINAL)
    return list(ScoredEvent.objects.filter(scoring__in=scorings).order_by("onset_s", "pk"))


def _spreads(found: RecordingScorings) -> list[Spread]:
    kinds = [entry.night.scoring.scorer.kind for entry in found.hypnograms]
    return [_spread(row.name, row.unit, row.values, kinds) for row in found.statistics]


def _spread(name: str, unit: str, values: Sequence[float | None], kinds: Sequence[str]) -> Spread:
    both = list(zip(values, kinds, strict=True))
    given = [value for value, kind in both if value is not None and kind != Scorer.Kind.CONSENSUS]
    of_consensus = [value for value, kind in both if kind == Scorer.Kind.CONSENSUS]
    return Spread(
        name=name,
        unit=unit,
        consensus=of_consensus[0] if of_consensus else None,
        median=median(given) if given else None,
        low=min(given, default=None),
        high=max(given, default=None),
        scorers=len(given),
    )


def _settled(compared: Sequence[ScoredNight]) -> Settled:
    epochs = [epoch for epoch in majorities(compared) if epoch.largest < epoch.given]
    enough = sum(100 * one.largest >= MAJORITY_PERCENT * one.given for one in epochs)
    return Settled(MAJORITY_PERCENT, enough, len(epochs))
