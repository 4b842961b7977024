"""Agreement on one category at a time."""

from __future__ import annotations

import numpy as np

from psg.agreement.counts import CategorySums
from psg.agreement.sums import Floats, over


def specific_agreement(sums: CategorySums) -> Floats:
    """Of two who rated an item, one of whom chose c: how often the other did too; (..., K).

    The proportion of specific agreement (Fleiss 1981), every item counting the same however many
    rated it. Unlike kappa it has no correction for chance, and reads as a percentage.
    """
    return over(np.diagonal(sums.pairs, axis1=-2, axis2=-1), sums.pairs.sum(axis=-1))


def one_against_rest(sums: CategorySums) -> CategorySums:
    """The same ratings told as "c or not", for every c at once.

    Returns
    -------
    Sums of two categories, not c and c; the axis of c goes before the last axes
    """
    return CategorySums(
        pairs=_collapsed(sums.pairs),
        coincidences=_collapsed(sums.coincidences),
        shares=np.stack([sums.rated[..., None] - sums.shares, sums.shares], axis=-1),
        rated=_for_each(sums.rated, sums.shares),
        paired=_for_each(sums.paired, sums.shares),
    )


def _collapsed(table: Floats) -> Floats:
    same = np.diagonal(table, axis1=-2, axis2=-1)
    one_of_two = table.sum(axis=-1) - same
    neither = table.sum(axis=(-2, -1))[..., None] - 2 * one_of_two - same
    rows = [np.stack([neither, one_of_two], axis=-1), np.stack([one_of_two, same], axis=-1)]
    return np.stack(rows, axis=-2)


def _for_each(values: Floats, like: Floats) -> Floats:
    return np.broadcast_to(values[..., None], like.shape)
