"""An interval of the kappa of a single night, whose epochs resemble their neighbours.

Each epoch has an influence on kappa: by how much kappa would change with a little more weight on it
(the derivative behind the large-sample error of Fleiss, Cohen and Everitt 1969). Errors come in
stretches, so the influences are summed over all stretches of BLOCK epochs; the spread of these sums
gives the error of kappa, as in a bootstrap of moving blocks (Kuensch 1989) with infinitely many
replicates. Student's t with a degree of freedom fewer than there are blocks allows for how few
stretches a night has.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from psg.agreement.sums import Floats
from psg.stages import STAGES

BLOCK = 80
"""Epochs, 40 min: longer than what makes neighbouring epochs alike."""
FEWEST_BLOCKS = 3
LEVEL = 0.95


def night_kappa_interval(codes: NDArray[np.integer]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of Cohen's kappas of all pairs of scorers of a night.

    It says how far kappa would differ in other nights of this kind, by the same scorers.

    Parameters
    ----------
    codes
        (n_epochs, n_scorers) of stage codes, -1 where a scorer gave no stage.

    Returns
    -------
    tuple
        NaN, NaN where kappa is undefined, a night is shorter than 3 blocks, or no pair differs:
        a night without any difference does not show how rare differences are.
    """
    pairs = [
        pair_influence(codes[:, a], codes[:, b]) for a, b in combinations(range(len(codes.T)), 2)
    ]
    defined = [(kappa, influence) for kappa, influence in pairs if not np.isnan(kappa)]
    if not defined or len(codes) < FEWEST_BLOCKS * BLOCK:
        return np.nan, np.nan
    kappa = float(np.mean([kappa for kappa, _ in defined]))
    error = mean_error(np.mean([influence for _, influence in defined], axis=0), BLOCK)
    if error == 0:
        return np.nan, np.nan
    reach = float(special.stdtrit(len(codes) / BLOCK - 1, (1 + LEVEL) / 2)) * error
    return max(kappa - reach, -1.0), min(kappa + reach, 1.0)


def pair_influence(a: NDArray[np.integer], b: NDArray[np.integer]) -> tuple[float, Floats]:
    """Return Cohen's kappa of two scorers, and the influence of each epoch; their mean is 0.

    Epochs that one of them left unscored have no influence.
    """
    both = (a >= 0) & (b >= 0)
    influence = np.zeros(len(a))
    if not both.any():
        return np.nan, influence
    first, second = a[both], b[both]
    rows, columns = (np.bincount(x, minlength=len(STAGES)) / len(x) for x in (first, second))
    is_same = first == second
    observed, expected = is_same.mean(), rows @ columns
    if np.isclose(expected, 1.0):
        return np.nan, influence
    of_chance = columns[first] + rows[second] - 2 * expected
    each = (is_same - observed) - (1 - observed) / (1 - expected) * of_chance
    influence[both] = each / (1 - expected) * len(a) / both.sum()
    return float((observed - expected) / (1 - expected)), influence


def mean_error(values: Floats, block: int) -> float:
    """Return the standard error of a mean of 0 over values that resemble their neighbours."""
    count = len(values)
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[:block]]))])
    of_blocks = sums[block : block + count] - sums[:count]
    variance = np.mean(of_blocks**2) / block * count / (count - block)
    return float(np.sqrt(variance / count))
