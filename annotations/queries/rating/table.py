"""The complete ratings of a study's main round, as rows and as one block of numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotations.models.rating import DIMENSIONS
from psg.ratings import RatedItems


@dataclass(frozen=True)
class Origin:
    """Where an item comes from; there is none of it while the study is blind."""

    arm_id: int
    arm: str
    is_control: bool
    """Whether its words were set wrong on purpose."""
    reference_stage: str | None
    recording_name: str
    epoch: int
    scoring_id: int


@dataclass(frozen=True)
class TableItem:
    """An item as a blind lead may see it, and its origin once nobody is blind any more."""

    pk: int
    code: str
    stage: str
    rules: tuple[str, ...]
    words: str
    is_transition: bool
    recording: int
    subject: int
    epoch: int
    origin: Origin | None = None

    @property
    def is_correct(self) -> bool | None:
        """Whether its stage is that of the reference; None where there is none, or while blind."""
        if self.origin is None or self.origin.reference_stage is None:
            return None
        return self.stage == self.origin.reference_stage


@dataclass(frozen=True)
class TableRating:
    """One complete rating; `scores` is None for "cannot judge". Look 0 is the first."""

    item: int
    rater: int
    look: int
    place: int
    scores: tuple[int, ...] | None
    comment: str


@dataclass(frozen=True)
class TableRater:
    """A rater with how much of the queue is done; `repeats` are the hidden second looks in it."""

    pk: int
    name: str
    done: int
    total: int
    repeats: int


@dataclass(frozen=True)
class RatingTable:
    """Ratings name items and raters by their places in the lists."""

    items: tuple[TableItem, ...]
    raters: tuple[TableRater, ...]
    ratings: tuple[TableRating, ...]
    is_blind: bool

    @cached_property
    def block(self) -> RatedItems:
        looks = max((rating.look for rating in self.ratings), default=0) + 1
        shape = (len(self.items), len(self.raters), looks)
        scores = np.full((*shape, len(DIMENSIONS)), np.nan)
        cannot_judge = np.zeros(shape, dtype=bool)
        for rating in self.ratings:
            at = rating.item, rating.rater, rating.look
            cannot_judge[at] = rating.scores is None
            if rating.scores is not None:
                scores[at] = rating.scores
        epochs = {key: n for n, key in enumerate(sorted({_epoch(item) for item in self.items}))}
        return RatedItems(
            scores=scores,
            cannot_judge=cannot_judge,
            recordings=np.array([item.recording for item in self.items], dtype=np.int64),
            subjects=np.array([item.subject for item in self.items], dtype=np.int64),
            epochs=np.array([epochs[_epoch(item)] for item in self.items], dtype=np.int64),
        )

    @property
    def controls(self) -> int:
        """Items that are known to be wrong on purpose; 0 while blind."""
        return sum(item.origin is not None and item.origin.is_control for item in self.items)

    @property
    def arms(self) -> dict[int, str]:
        """Labels of the arms that are known, in their order; empty while blind."""
        origins = [item.origin for item in self.items if item.origin is not None]
        return {origin.arm_id: origin.arm for origin in sorted(origins, key=lambda o: o.arm_id)}


def _epoch(item: TableItem) -> tuple[int, int]:
    return item.recording, item.epoch
