"""A scorer against another: stages (confusion, accuracy, F1) and measures (bias, limits).

Bland and Altman (1986): the mean of the differences, and the range in which 95 % of them are
expected. Undefined differences, such as of a stage that does not occur, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.pairs import weighted_kappa
from psg.agreement.sums import Floats, RecordingSums, over
from psg.stages import STAGES

NOT_STAGED = len(STAGES)
"""The column of epochs that the reference staged and the tested scoring did not."""


def tested_confusion(
    reference: NDArray[np.integer], tested: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Count epochs by the reference's stage (rows) and the tested stage (columns).

    Parameters
    ----------
    reference, tested
        (n_epochs,) of stage codes, -1 where there is none.

    Returns
    -------
    (5, 6); the last column holds epochs that the tested scoring left unscored. Epochs that the
    reference left unscored are in no cell.
    """
    wanted = reference >= 0
    columns = np.where(tested < 0, NOT_STAGED, tested)[wanted].astype(np.int64)
    size = NOT_STAGED + 1
    cells = reference[wanted].astype(np.int64) * size + columns
    counts = np.bincount(cells, minlength=NOT_STAGED * size).reshape(NOT_STAGED, size)
    return counts.astype(np.float64)


def staged(tables: Floats) -> Floats:
    """Leave out the epochs that the tested scoring did not stage; (..., 5, 6) to (..., 5, 5)."""
    return tables[..., :NOT_STAGED]


def accuracy(tables: Floats) -> Floats:
    """Share of epochs with the reference's stage; of all columns given."""
    hits = np.trace(tables[..., :NOT_STAGED], axis1=-2, axis2=-1)
    return over(hits, tables.sum(axis=(-2, -1)))


def kappa(tables: Floats) -> Floats:
    """Cohen's kappa of (..., 5, 5) or, with "not staged" as an answer of its own, (..., 5, 6)."""
    extra = tables.shape[-1] - tables.shape[-2]
    padded = np.pad(tables, [(0, 0)] * (tables.ndim - 2) + [(0, extra), (0, 0)])
    return weighted_kappa(padded, np.eye(padded.shape[-1]))


def recall(tables: Floats) -> Floats:
    """Share of the epochs of each stage by the reference that were given it; (..., 5)."""
    return over(_hits(tables), tables.sum(axis=-1))


def precision(tables: Floats) -> Floats:
    """Share of the epochs given each stage that have it by the reference; (..., 5)."""
    return over(_hits(tables), tables[..., :NOT_STAGED].sum(axis=-2))


def f1_scores(tables: Floats) -> Floats:
    """F1 of each stage; NaN for a stage that neither gave; (..., 5)."""
    either = tables.sum(axis=-1) + tables[..., :NOT_STAGED].sum(axis=-2)
    return over(2 * _hits(tables), either)


def macro_f1(tables: Floats) -> Floats:
    """Mean F1 of the stages that either gave; (...). Other stages are left out."""
    scores = f1_scores(tables)
    known = ~np.isnan(scores)
    return over(np.where(known, scores, 0.0).sum(axis=-1), known.sum(axis=-1))


def _hits(tables: Floats) -> Floats:
    return np.diagonal(tables[..., :NOT_STAGED], axis1=-2, axis2=-1)


LIMITS_AT_SDS = 1.96


@dataclass(frozen=True)
class DifferenceSums(RecordingSums):
    """Sums over nights of differences of several measures; leading axes are kept."""

    counts: Floats
    """Nights in which the difference is known; (..., n_measures)."""
    totals: Floats
    """Sum of differences; (..., n_measures)."""
    squares: Floats
    """Sum of squared differences; (..., n_measures)."""

    @classmethod
    def of(cls, differences: NDArray[np.floating]) -> DifferenceSums:
        """Take (n_nights, n_measures) differences, NaN where unknown, night by night."""
        known = ~np.isnan(differences)
        values = np.where(known, differences, 0.0)
        return cls(known.astype(np.float64), values, values**2)


def bias(sums: DifferenceSums) -> Floats:
    """Mean difference; NaN without a night."""
    return over(sums.totals, sums.counts)


def spread(sums: DifferenceSums) -> Floats:
    """Standard deviation of the differences; NaN with fewer than two nights."""
    apart = sums.squares - over(sums.totals**2, sums.counts)
    return np.sqrt(np.maximum(over(apart, np.maximum(sums.counts - 1, 0)), 0))


def limits(sums: DifferenceSums) -> tuple[Floats, Floats]:
    """Lower and upper limit of agreement."""
    middle, reach = bias(sums), LIMITS_AT_SDS * spread(sums)
    return middle - reach, middle + reach
