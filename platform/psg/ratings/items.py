"""The ratings of a study as arrays, and the draws of its subjects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import Bootstrap
from psg.agreement.sums import Floats

LEVELS: Final = np.arange(1, 6)
MISSING = -1


@dataclass(frozen=True)
class RatedItems:
    """Items with the ratings of every rater, and the recording of each item."""

    scores: Floats
    """1 to 5, NaN for none; (n_items, n_raters, n_looks, n_dimensions). Look 0 is the first."""
    cannot_judge: NDArray[np.bool_]
    """(n_items, n_raters, n_looks)."""
    recordings: NDArray[np.int64]
    """Recording of each item; (n_items,)."""
    subjects: NDArray[np.int64]
    """Subject of each item; (n_items,). Sums and draws are by subject."""
    epochs: NDArray[np.int64]
    """Number of each item's epoch, unique across recordings; (n_items,)."""
    weights: Floats | None = None
    """Items of the population that each item stands for, 1 / its inclusion probability; NaN where
    that is not known; (n_items,)."""

    @property
    def has_weights(self) -> bool:
        """Whether the weight of every item is known."""
        return not np.isnan(self.known_weights).any()

    @property
    def known_weights(self) -> Floats:
        """The weights, NaN where they are not known; (n_items,)."""
        none = np.full(len(self.recordings), np.nan)
        return none if self.weights is None else self.weights

    @property
    def rating_weights(self) -> Floats:
        """What each first rating of an item counts in its population; (n_items, n_dimensions).

        The weight of the item over its number of ratings, so that items count by their weights
        however many raters scored them. 0 where nobody did.
        """
        counts = (~np.isnan(self.first_looks)).sum(axis=1)
        return np.where(counts > 0, self.known_weights[:, None] / np.maximum(counts, 1), 0.0)

    @property
    def first_looks(self) -> Floats:
        """Scores of first looks; (n_items, n_raters, n_dimensions)."""
        return self.scores[:, :, 0]

    @property
    def raters(self) -> int:
        return self.scores.shape[1]

    @property
    def dimensions(self) -> int:
        return self.scores.shape[3]

    @property
    def recording_count(self) -> int:
        return len(np.unique(self.recordings))

    @property
    def subject_count(self) -> int:
        return len(np.unique(self.subjects))

    def where(self, chosen: NDArray[np.bool_]) -> RatedItems:
        """Keep the items of a mask of (n_items,)."""
        return RatedItems(
            self.scores[chosen],
            self.cannot_judge[chosen],
            self.recordings[chosen],
            self.subjects[chosen],
            self.epochs[chosen],
            None if self.weights is None else self.weights[chosen],
        )

    def rated(self) -> RatedItems:
        """Keep the items that have a rating."""
        given = ~np.isnan(self.first_looks).all(axis=(1, 2))
        return self.where(np.asarray(given | self.cannot_judge[:, :, 0].any(axis=1)))

    def by_subject(self, values: NDArray) -> Floats:
        """Add up (n_items, ...) within subjects, in the order of their numbers; (n, ...)."""
        subjects, places = np.unique(self.subjects, return_inverse=True)
        sums = np.zeros((len(subjects), *values.shape[1:]))
        np.add.at(sums, places, values)
        return sums

    def codes(self, dimension: int) -> list[NDArray[np.int64]]:
        """First looks of a dimension, by subject, as 0 to 4, and -1 for none."""
        scores = self.first_looks[..., dimension]
        codes = np.where(np.isnan(scores), MISSING, np.nan_to_num(scores) - 1).astype(np.int64)
        return [codes[self.subjects == subject] for subject in np.unique(self.subjects)]


@dataclass(frozen=True)
class Draws:
    """Bootstrap draws by number of subjects; a group is drawn only from its own subjects."""

    replicates: int = 1000
    seed: int = 0

    @cached_property
    def _made(self) -> dict[int, Bootstrap]:
        return {}

    def of(self, subjects: int) -> Bootstrap:
        if subjects not in self._made:
            self._made[subjects] = Bootstrap.of(
                subjects, replicates=self.replicates, seed=self.seed
            )
        return self._made[subjects]
