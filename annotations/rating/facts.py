"""What there is of ratings so far, and hence why a statistic cannot be computed yet."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from annotations.rating.table import RatingTable
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.agreement.coverage import Measure, coverage_words, narrow_words

RATED: Final[tuple[Measure, ...]] = ("mean", "population_mean", "icc_a1")


@dataclass(frozen=True)
class Facts:
    """Counts of first looks, and of second ones; without control items, once they are known."""

    items: int
    recordings: int
    subjects: int
    raters: int
    """Who has scored anything."""
    ratings: int
    cannot_judge: int
    shared_items: int
    """Items that two raters scored."""
    raters_per_item: float
    """Harmonic mean over items with scores; NaN without any."""
    repeats_planned: int
    repeats_done: int
    repeats_compared: int
    """Second looks of which neither side is "cannot judge"."""
    all_same: bool
    """Whether every score given is the same number."""

    @classmethod
    def of(cls, table: RatingTable) -> "Facts":
        block = table.block.where(~table.is_control)
        given = ~np.isnan(block.first_looks[..., 0])
        counts = given.sum(axis=1)
        rated = block.rated()
        first_given = given[:, :, None] & ~np.isnan(block.scores[:, :, 1:, 0])
        return cls(
            items=len(rated.recordings),
            recordings=rated.recording_count,
            subjects=rated.subject_count,
            raters=int(given.any(axis=0).sum()),
            ratings=int(given.sum() + block.cannot_judge[:, :, 0].sum()),
            cannot_judge=int(block.cannot_judge[:, :, 0].sum()),
            shared_items=int((counts > 1).sum()),
            raters_per_item=_harmonic(counts[counts > 0]),
            repeats_planned=sum(rater.repeats for rater in table.raters),
            repeats_done=sum(
                rating.look > 0 and not table.items[rating.item].is_control
                for rating in table.ratings
            ),
            repeats_compared=int(first_given.sum()),
            all_same=len(np.unique(block.scores[~np.isnan(block.scores)])) == 1,
        )

    @property
    def runs_narrow(self) -> bool:
        return 2 <= self.subjects < FEWEST_FOR_HONEST_INTERVALS

    @property
    def narrow_words(self) -> str:
        """A warning of few subjects; empty where there are enough."""
        return narrow_words(self.subjects, *RATED)

    @property
    def coverage_words(self) -> str:
        """How often intervals over so few subjects contain the truth."""
        return coverage_words(self.subjects, *RATED)

    @property
    def interval_missing(self) -> str:
        if self.subjects < 2:
            return (
                "No intervals: they are based on resampling of subjects, and all rated items come "
                "from one subject."
            )
        return ""

    @property
    def agreement_missing(self) -> str:
        if self.raters < 2:
            return "Only one rater so far. Agreement needs two raters of the same items."
        if not self.shared_items:
            return "No item has scores from two raters yet."
        if self.all_same:
            return "All scores are equal, so agreement beyond chance cannot be computed."
        return "Too few common items or too little variation."

    @property
    def severity_missing(self) -> str:
        if self.raters < 2:
            return "Only one rater so far. Severity needs other raters of the same items."
        if not self.shared_items:
            return "No item has scores from two raters yet."
        return "Groups of raters have no common items, so raters cannot be compared."

    @property
    def repeats_missing(self) -> str:
        if not self.repeats_planned:
            return "The design has no hidden repeats, so repeatability cannot be measured."
        if not self.repeats_done:
            return "No hidden repeat has been rated yet."
        if not self.repeats_compared:
            return "No hidden repeat can be compared with a first rating yet."
        return "Too few hidden repeats or too little variation."


def _harmonic(counts: np.ndarray) -> float:
    return float(len(counts) / (1 / counts).sum()) if len(counts) else float("nan")
