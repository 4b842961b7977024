"""Severity: how much higher or lower each rater scores than the others on the same items.

The model score = item + rater is fitted by least squares. Items are eliminated, which leaves normal
equations of the raters that add up over subjects. This also works in incomplete designs, where
means of raters would compare different items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import UNDEFINED, Interval
from psg.agreement.sums import Floats, RecordingSums, over
from psg.ratings.items import Draws, RatedItems


@dataclass(frozen=True)
class SeveritySums(RecordingSums):
    """Normal equations of the raters; leading axes (subjects, replicates) are kept."""

    shared: Floats
    """Ratings of a rater less what raters share by item, diag(n) - N' diag(1/m) N; (..., J, J)."""
    excess: Floats
    """Sum over items of a rater's score less the item's mean; (..., J)."""

    @classmethod
    def by_subject(cls, items: RatedItems, dimension: int) -> SeveritySums:
        scores = items.first_looks[..., dimension]
        given = (~np.isnan(scores)).astype(np.float64)
        counts = given.sum(axis=1, keepdims=True)
        share = over(given, np.broadcast_to(counts, given.shape))
        share = np.nan_to_num(share)
        means = np.nan_to_num(over(np.nansum(scores, axis=1, keepdims=True), counts))
        excess = np.where(given > 0, np.nan_to_num(scores) - means, 0.0)
        own = given[:, :, None] * np.eye(items.raters)
        shared = own - given[:, :, None] * share[:, None, :]
        return cls(shared=items.by_subject(shared), excess=items.by_subject(excess))


def rater_offsets(sums: SeveritySums) -> Floats:
    """How much higher each rater scores than the mean rater; (..., n_raters).

    Negative is more severe. All are NaN where groups of raters share no item; NaN for a rater who
    shares no item.
    """
    present = np.diagonal(sums.shared, axis1=-2, axis2=-1) > 1e-9
    # Offsets are determined up to a constant; this term sets their sum to zero.
    fixed = sums.shared + present[..., :, None] * present[..., None, :]
    fixed = fixed + np.eye(present.shape[-1]) * ~present[..., None, :]
    connected = _connected(sums.shared, present)
    safe = np.where(connected[..., None, None], fixed, np.eye(present.shape[-1]))
    offsets = np.linalg.solve(safe, sums.excess[..., None])[..., 0]
    return np.where(connected[..., None] & present, offsets, np.nan)


def severity(items: RatedItems, dimension: int, draws: Draws) -> list[Interval]:
    """Offset of every rater with its interval over subjects, in the order of raters."""
    items = items.rated()
    if not items.subject_count:
        return [UNDEFINED] * items.raters
    sums = SeveritySums.by_subject(items, dimension)
    draw = draws.of(items.subject_count)
    return draw.intervals(lambda times: rater_offsets(sums.drawn(times)))


def _connected(shared: Floats, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether chains of shared items connect all raters, and there are two or more."""
    reach = (np.abs(shared) > 1e-9).astype(np.float64)
    for _ in range(int(np.ceil(np.log2(max(shared.shape[-1], 2))))):
        reach = (reach @ reach > 0).astype(np.float64)
    wanted = present[..., :, None] & present[..., None, :]
    return np.asarray((reach > 0) | ~wanted).all(axis=(-2, -1)) & (present.sum(axis=-1) > 1)
