"""Agreement of two scorers on cited rules and on words.

Pairs of scorers who both cite no rule are counted separately: counted as agreement, as in published
figures, they can dominate a mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.sums import CategorySums, Floats, RecordingSums, over

ALL, SAME_STAGE = 0, 1


@dataclass(frozen=True)
class OverlapSums(RecordingSums):
    """Sums over pairs of scorers of an epoch; the last axis is all pairs, and same-stage pairs."""

    overlap: Floats
    """Sum of rules cited by both over rules cited by either; (..., 2)."""
    citing: Floats
    """Pairs in which either cites a rule; (..., 2)."""
    empty: Floats
    """Pairs in which neither does; (..., 2)."""

    @classmethod
    def of(cls, cited: NDArray[np.bool_], codes: NDArray[np.integer]) -> OverlapSums:
        """Sum over a night.

        Parameters
        ----------
        cited
            (n_epochs, n_scorers, n_rules).
        codes
            (n_epochs, n_scorers) of stage codes, -1 where a scorer gave none.
        """
        first, second = np.triu_indices(codes.shape[1], k=1)
        both = (codes[:, first] >= 0) & (codes[:, second] >= 0)
        same = both & (codes[:, first] == codes[:, second])
        counts = cited.astype(np.float64)
        shared = (counts @ counts.transpose(0, 2, 1))[:, first, second]
        sizes = counts.sum(axis=-1)
        either = sizes[:, first] + sizes[:, second] - shared
        return cls(
            overlap=_over_masks(np.nan_to_num(over(shared, either)), both, same),
            citing=_over_masks(either > 0, both, same),
            empty=_over_masks(either == 0, both, same),
        )


def jaccard(sums: OverlapSums) -> Floats:
    """Mean overlap of pairs in which either cites a rule; (..., 2)."""
    return over(sums.overlap, sums.citing)


def jaccard_with_empty(sums: OverlapSums) -> Floats:
    """Mean overlap with pairs that cite nothing counted as 1, as in published means; (..., 2)."""
    return over(sums.overlap + sums.empty, sums.citing + sums.empty)


def rule_sums(cited: NDArray[np.bool_], codes: NDArray[np.integer]) -> CategorySums:
    """Count every rule as cited or not, over the scorers who staged the epoch.

    Returns
    -------
    Sums of two categories, not cited and cited, with a leading axis of n_rules
    """
    given = (codes >= 0).sum(axis=1)
    rated, paired = given >= 1, given >= 2
    yes = (cited & (codes >= 0)[..., None]).sum(axis=1).astype(np.float64)
    m = given[:, None].astype(np.float64)
    shares = (yes[rated] / m[rated]).sum(axis=0)
    yes, m = yes[paired], m[paired]
    rules = np.ones(cited.shape[2])
    return CategorySums(
        pairs=_pairs_of_two(yes, m - yes, 1 / (m * (m - 1))),
        coincidences=_pairs_of_two(yes, m - yes, 1 / (m - 1)),
        shares=np.stack([rated.sum() - shares, shares], axis=-1),
        rated=rated.sum() * rules,
        paired=paired.sum() * rules,
    )


def _pairs_of_two(yes: Floats, no: Floats, weight: Floats) -> Floats:
    """Weighted pairs of ratings in two categories, of (n_items, n) counts; (n, 2, 2)."""
    mixed = (weight * yes * no).sum(axis=0)
    same = [(weight * count * (count - 1)).sum(axis=0) for count in (no, yes)]
    return np.stack([np.stack([same[0], mixed], -1), np.stack([mixed, same[1]], -1)], axis=-2)


def _over_masks(
    values: NDArray[np.floating] | NDArray[np.bool_], *masks: NDArray[np.bool_]
) -> Floats:
    return np.array([values[mask].sum() for mask in masks], dtype=np.float64)


# Words: the edit distance of two texts.


def word_edits(first: str, second: str) -> float:
    """Edit distance of two texts in words, divided by the words of the longer; 0 is equal.

    Levenshtein's distance (1966). Differences of spaces, line breaks or case do not count.
    """
    a, b = first.lower().split(), second.lower().split()
    longer = max(len(a), len(b))
    return _distance(a, b) / longer if longer else 0.0


def _distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein's distance by columns of bits (Myers 1999, in the form of Hyyrö 2003)."""
    if not a or not b:
        return len(a) or len(b)
    places: dict[str, int] = {}
    for place, word in enumerate(a):
        places[word] = places.get(word, 0) | 1 << place
    everywhere, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    up, down, distance = everywhere, 0, len(a)
    for word in b:
        same = places.get(word, 0)
        straight = same | down
        diagonal = (((same & up) + up) ^ up) | same
        rise = down | ~(diagonal | up) & everywhere
        fall = up & diagonal
        distance += bool(rise & last) - bool(fall & last)
        rise = (rise << 1 | 1) & everywhere
        up = (fall << 1 | ~(straight | rise)) & everywhere
        down = rise & straight
    return distance
