"""Epochs beside a change of stage, where scorers of any kind agree least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.agreement.counts import MISSING


def at_transition(codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mark the epochs on both sides of every change of stage.

    A change counts where at least half of the scorers who scored both sides make it: one is
    enough of two, so neither of a pair is taken for the truth; six are asked of twelve, so that
    not every epoch is a transition to somebody. With one scorer it is that scorer's changes.

    Parameters
    ----------
    codes
        (n_epochs, n_scorers) of stage codes, -1 where a scorer gave none.

    Returns
    -------
    (n_epochs,)
    """
    codes = np.asarray(codes)
    both = (codes[1:] != MISSING) & (codes[:-1] != MISSING)
    changes = (both & (codes[1:] != codes[:-1])).sum(axis=1)
    change = (changes > 0) & (2 * changes >= both.sum(axis=1))
    mask = np.zeros(len(codes), dtype=np.bool_)
    mask[1:] |= change
    mask[:-1] |= change
    return mask


def only_where(codes: NDArray[np.integer], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Leave out the epochs outside the mask, as if nobody had scored them."""
    return np.where(mask[:, None], codes, MISSING)
