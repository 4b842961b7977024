"""Chance-corrected agreement of any number of raters, missing ratings allowed.

Each takes sums over items (`CategorySums`) and keeps their leading axes. Where a measure is
undefined (nothing rated twice, or chance agreement of 1) it is NaN, never 0 or 1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from psg.agreement.sums import CategorySums, Floats, over

Level = Literal["nominal", "ordinal", "linear", "quadratic"]


def category_weights(count: int, level: Level = "nominal") -> Floats:
    """Return the weights with which two categories count as agreement; (K, K), 1 if equal.

    ``ordinal`` are the weights of Gwet (2014): 1 less the pairs of categories lying between
    the two, over all pairs.
    """
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    if level == "nominal":
        return (apart == 0).astype(np.float64)
    loss = {"ordinal": apart * (apart + 1) / 2, "linear": apart, "quadratic": apart**2}[level]
    return 1.0 - loss / loss.max(initial=1)


def observed_agreement(sums: CategorySums, weights: Floats | None = None) -> Floats:
    """Mean over items of the (weighted) share of its pairs of ratings that agree."""
    if weights is None:
        weights = category_weights(sums.shares.shape[-1])
    return over((sums.pairs * weights).sum(axis=(-2, -1)), sums.paired)


def fleiss_kappa(sums: CategorySums, weights: Floats | None = None) -> Floats:
    """Fleiss' kappa (1971), in the form for unequal numbers of ratings (Gwet 2014)."""
    if weights is None:
        weights = category_weights(sums.shares.shape[-1])
    usual = _usual(sums)
    expected = np.einsum("...c,cd,...d->...", usual, weights, usual)
    return _beyond_chance(observed_agreement(sums, weights), expected)


def gwet_ac(sums: CategorySums, weights: Floats | None = None) -> Floats:
    """Gwet's AC1 (2008), or AC2 where weights other than the identity are given.

    Every category that could have been chosen belongs in the sums, chosen or not.
    """
    count = sums.shares.shape[-1]
    if weights is None:
        weights = category_weights(count)
    usual = _usual(sums)
    expected = weights.sum() / (count * (count - 1)) * (usual * (1 - usual)).sum(axis=-1)
    return _beyond_chance(observed_agreement(sums, weights), expected)


def krippendorff_alpha(sums: CategorySums, level: Level = "nominal") -> Floats:
    """Krippendorff's alpha (2011) for nominal, ordinal, or interval (``quadratic``) categories."""
    used = sums.coincidences.sum(axis=-1)
    total = used.sum(axis=-1)
    distance = _distances_squared(used, level)
    observed = (sums.coincidences * distance).sum(axis=(-2, -1))
    expected = (used[..., :, None] * used[..., None, :] * distance).sum(axis=(-2, -1))
    return 1 - over((total - 1) * observed, expected)


def _distances_squared(used: Floats, level: Level) -> Floats:
    """Return squared distances of categories; ordinal distances depend on their use.

    Parameters
    ----------
    used
        (..., K) how often each category was used.

    Returns
    -------
    (..., K, K), or (K, K) for a level that does not depend on use
    """
    count = used.shape[-1]
    apart = np.subtract.outer(np.arange(count), np.arange(count)).astype(np.float64)
    if level == "nominal":
        return (apart != 0).astype(np.float64)
    if level == "quadratic":
        return apart**2
    if level == "linear":
        raise ValueError("alpha has no linear level: choose nominal, ordinal or quadratic")
    middle = np.cumsum(used, axis=-1) - used / 2
    return (middle[..., :, None] - middle[..., None, :]) ** 2


def _usual(sums: CategorySums) -> Floats:
    """How often a rating falls in each category, every rated item counting the same."""
    return over(sums.shares, sums.rated[..., None])


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    return over(observed - expected, np.where(np.isclose(expected, 1), 0, 1 - expected))


def specific_agreement(sums: CategorySums) -> Floats:
    """Share of raters who chose c too, where another rater of the item did; (..., K).

    The proportion of specific agreement (Fleiss 1981), every item counting the same however many
    rated it. Unlike kappa it has no correction for chance, and reads as a percentage.
    """
    return over(np.diagonal(sums.pairs, axis1=-2, axis2=-1), sums.pairs.sum(axis=-1))


def each_against_rest(sums: CategorySums) -> CategorySums:
    """The same ratings as "c" or "not c", for every c at once.

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
    single = table.sum(axis=-1) - same
    neither = table.sum(axis=(-2, -1))[..., None] - 2 * single - same
    rows = [np.stack([neither, single], axis=-1), np.stack([single, same], axis=-1)]
    return np.stack(rows, axis=-2)


def _for_each(values: Floats, like: Floats) -> Floats:
    return np.broadcast_to(values[..., None], like.shape)
