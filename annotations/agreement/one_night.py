"""Agreement of the scorings of a recording, without intervals."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg

from annotations.scoring.models import EpochScore, Scoring, label_of
from psg.agreement import Stages, pairwise_kappas
from psg.stages import STAGES, Stage, stage_codes
from recordings.models import Recording


@dataclass(frozen=True)
class ScoredNight:
    """A scoring as a sequence of stages over the recording's grid."""

    scoring: Scoring
    stages: list[Stage | None]

    @property
    def label(self) -> str:
        return label_of(self.scoring)

    @property
    def scored_count(self) -> int:
        return sum(stage is not None for stage in self.stages)


@dataclass(frozen=True)
class Pair:
    """Two scorers, and Cohen's kappa over the epochs both scored; None where undefined."""

    first: str
    second: str
    kappa: float | None
    agreement: float | None
    epoch_count: int

    @property
    def permille(self) -> int:
        """Position of kappa on a line from 0 to 1000; a kappa below 0 is shown at 0."""
        return round(1000 * max(self.kappa or 0, 0))

    @property
    def short(self) -> str:
        """Kappa with two digits and without the zero before them, for a narrow cell."""
        return "" if self.kappa is None else f"{self.kappa:.2f}".replace("0.", ".", 1)

    @property
    def tenth(self) -> int:
        """Kappa in tenths from 0 to 10, for its shade."""
        return int(10 * min(max(self.kappa or 0, 0), 1))


@dataclass(frozen=True)
class Agreement:
    """Agreement of all scorings of a recording."""

    pairs: list[Pair]
    mean_pairwise_kappa: float | None
    all_agree: float | None
    """Share of `all_scored_count` on which all scorers give the same stage."""
    all_scored_count: int
    """Epochs that all scored."""


_STAGE_OF = {stage.value: stage for stage in STAGES}


def scored_nights(recording: Recording, scorings: Iterable[Scoring]) -> list[ScoredNight]:
    """Return the stages of each scoring, unscored epochs as None, in a single query."""
    nights = {
        scoring.pk: ScoredNight(scoring, [None] * recording.epoch_count) for scoring in scorings
    }
    scores = EpochScore.objects.filter(scoring__in=list(nights), stage__isnull=False)
    # A row for each scoring: rows of single epochs take five times as long to read.
    by_scoring = scores.order_by().values_list("scoring_id")
    for pk, epochs, stages in by_scoring.annotate(at=ArrayAgg("epoch"), are=ArrayAgg("stage")):
        of_night = nights[pk].stages
        for epoch, stage in zip(epochs, stages, strict=True):
            of_night[epoch] = _STAGE_OF[stage]
    return list(nights.values())


def agreement(nights: Sequence[ScoredNight]) -> Agreement:
    """Compare every pair, each over the epochs that both scored."""
    pairs = [
        Pair(
            first=nights[pair.first].label,
            second=nights[pair.second].label,
            kappa=_defined(pair.kappa),
            agreement=_defined(pair.agreement),
            epoch_count=pair.epoch_count,
        )
        for pair in pairwise_kappas([night.stages for night in nights])
    ]
    kappas = [pair.kappa for pair in pairs if pair.kappa is not None]
    shared = epochs_scored_by_all([night.stages for night in nights])
    same = sum(len({night.stages[n] for night in nights}) == 1 for n in shared)
    return Agreement(
        pairs=pairs,
        mean_pairwise_kappa=math.fsum(kappas) / len(kappas) if kappas else None,
        all_agree=same / len(shared) if shared and len(nights) > 1 else None,
        all_scored_count=len(shared),
    )


def epochs_scored_by_all(scorings: Sequence[Stages]) -> list[int]:
    return [n for n, stages in enumerate(zip(*scorings, strict=True)) if None not in stages]


@dataclass(frozen=True)
class Majority:
    """How many scorers gave an epoch a stage, and how many of them its most frequent one."""

    largest: int
    given: int

    @property
    def dissent(self) -> float:
        """Share of the scorers that are not in the majority, 0 where all agree."""
        return 1 - self.largest / self.given if self.given else 0.0


def majorities(nights: Sequence[ScoredNight]) -> list[Majority]:
    """Return the majority of each epoch."""
    if not nights:
        return []
    codes = np.stack([stage_codes(night.stages) for night in nights])
    counts = np.stack([(codes == code).sum(axis=0) for code in range(len(STAGES))])
    largest, given = counts.max(axis=0).tolist(), counts.sum(axis=0).tolist()
    return [Majority(*both) for both in zip(largest, given, strict=True)]


def disagreements(nights: Sequence[ScoredNight]) -> list[float]:
    """Return for each epoch the share of scorers not in the majority, 0 where all agree."""
    return [epoch.dissent for epoch in majorities(nights)]


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
