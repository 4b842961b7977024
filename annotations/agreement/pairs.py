"""Each pair of scorers, over the nights that both scored."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, compress

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import Estimate, Floats, bootstrap_of, codes_of
from annotations.agreement.sheet import Column, Sheet
from psg.agreement import pair_tables, weighted_kappa
from psg.agreement.sums import over
from psg.stages import STAGES


@dataclass(frozen=True)
class PairMeasures:
    """Cohen's kappa and agreement of two scorers over the epochs that both scored."""

    scorers: tuple[str, str]
    keys: tuple[str, str]
    kappa: float | None
    kappa_interval: tuple[float | None, float | None]
    agreement: float | None
    agreement_interval: tuple[float | None, float | None]
    epochs: int
    recordings: int


PAIRS_AT_ONCE = 32
"""So that memory holds few replicates of large studies."""


def night_tables(sheet: Sheet) -> Floats:
    """Return the tables of all pairs of columns in each night; (n_nights, n_pairs, 5, 5)."""
    size, pairs = len(STAGES), len(list(combinations(sheet.columns, 2)))
    tables = [pair_tables(night, size) for night in codes_of(sheet)]
    return np.stack(tables) if tables else np.zeros((0, pairs, size, size))


def pair_measures(sheet: Sheet, tables: Floats) -> tuple[PairMeasures, ...]:
    """Return kappa and agreement of every pair of columns.

    Parameters
    ----------
    tables
        From `night_tables`, of all nights of the sheet.
    """
    pairs = list(combinations(sheet.columns, 2))
    has_both = tables.sum(axis=(-2, -1)) > 0
    together: dict[bytes, list[int]] = defaultdict(list)
    for place in range(len(pairs)):
        together[has_both[:, place].tobytes()].append(place)
    measured = {
        place: measures
        for places in together.values()
        for first in range(0, len(places), PAIRS_AT_ONCE)
        for place, measures in _measured(
            places[first : first + PAIRS_AT_ONCE], tables, has_both, sheet.subjects
        )
    }
    return tuple(
        _pair(pair, *measured[place], tables[:, place], has_both[:, place])
        for place, pair in enumerate(pairs)
    )


def _measured(
    places: Sequence[int], tables: Floats, has_both: NDArray[np.bool_], subjects: Sequence[int]
) -> Iterator[tuple[int, tuple[Estimate, Estimate]]]:
    """Estimate kappa and agreement of pairs that share the same nights."""
    shared = has_both[:, places[0]]
    of_shared = list(compress(subjects, shared))
    size = len(STAGES)
    of_pairs = tables[shared][:, places] if of_shared else np.zeros((1, len(places), size, size))

    def values(times: Floats) -> Floats:
        drawn = np.tensordot(times, of_pairs, axes=1)
        same = np.trace(drawn, axis1=-2, axis2=-1)
        kappas = weighted_kappa(drawn, np.eye(size))
        return np.concatenate([kappas, over(same, drawn.sum(axis=(-2, -1)))], axis=-1)

    estimated = list(map(Estimate.of, bootstrap_of(of_shared).intervals(values)))
    half = len(places)
    yield from zip(places, zip(estimated[:half], estimated[half:], strict=True), strict=True)


def _pair(
    pair: tuple[Column, Column],
    kappa: Estimate,
    agreement: Estimate,
    tables: Floats,
    has_both: NDArray[np.bool_],
) -> PairMeasures:
    first, second = pair
    return PairMeasures(
        scorers=(first.label, second.label),
        keys=(first.key, second.key),
        kappa=kappa.value,
        kappa_interval=(kappa.low, kappa.high),
        agreement=agreement.value,
        agreement_interval=(agreement.low, agreement.high),
        epochs=int(tables.sum()),
        recordings=int(has_both.sum()),
    )
