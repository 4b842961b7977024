"""What there is of ratings so far, and hence why a statistic cannot be computed yet."""

from dataclasses import dataclass

import numpy as np

from annotations.queries.rating.table import RatingTable
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS


@dataclass(frozen=True)
class Facts:
    """Counts of first looks, and of second ones."""

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
        block = table.block
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
            repeats_done=sum(rating.look > 0 for rating in table.ratings),
            repeats_compared=int(first_given.sum()),
            all_same=len(np.unique(block.scores[~np.isnan(block.scores)])) == 1,
        )

    @property
    def runs_narrow(self) -> bool:
        return 2 <= self.subjects < FEWEST_FOR_HONEST_INTERVALS

    @property
    def interval_missing(self) -> str:
        if self.subjects < 2:
            return (
                "No intervals: they come from drawing subjects again, and every rated item is "
                "from one subject."
            )
        return ""

    @property
    def agreement_missing(self) -> str:
        if self.raters < 2:
            return "One rater so far: agreement needs two who scored the same items."
        if not self.shared_items:
            return "No item has scores from two raters yet."
        if self.all_same:
            return "Every score is the same, so there is no variation to agree about."
        return "Too few shared items, or too little variation, to tell."

    @property
    def severity_missing(self) -> str:
        if self.raters < 2:
            return "One rater so far: severity is told beside others on the same items."
        if not self.shared_items:
            return "No item has scores from two raters yet."
        return "The raters fall into groups that share no item, so they cannot be set side by side."

    @property
    def repeats_missing(self) -> str:
        if not self.repeats_planned:
            return "The design hides no repeats, so how steady raters are cannot be told."
        if not self.repeats_done:
            return "No second look has been rated yet."
        if not self.repeats_compared:
            return "No second look can be set beside a first one yet."
        return "Too few second looks, or too little variation, to tell."


def _harmonic(counts: np.ndarray) -> float:
    return float(len(counts) / (1 / counts).sum()) if len(counts) else float("nan")
