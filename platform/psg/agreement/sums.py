"""Sums that add up over recordings, so that drawing them again is one matrix product."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RecordingSums:
    """Base of dataclasses whose every field is an array of sums; leading axes are kept."""

    @classmethod
    def stack(cls, parts: list[Self]) -> Self:
        """One leading axis, an entry for each recording."""
        return cls(*(np.stack(values) for values in zip(*map(_values, parts), strict=True)))

    def drawn(self, times: NDArray[np.floating]) -> Self:
        """Add up recordings, each as often as it was drawn: (..., n_recordings) of counts."""
        return type(self)(*(np.tensordot(times, part, axes=1) for part in _values(self)))


def over(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / denominator)


def _values(sums: RecordingSums) -> list[Floats]:
    return [getattr(sums, field.name) for field in fields(sums)]
