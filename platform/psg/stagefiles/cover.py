"""Which stretches of a night are covered by stages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

# Times are written with few decimals; less than this is no overlap.
_NEAR_S = 0.5


class Cover:
    """Stretches of time (onset, duration in s), joined where they touch or overlap."""

    def __init__(self, stretches: Iterable[tuple[float, float]]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        self._origin_s: float | None = None
        for onset_s, duration_s in sorted(stretches):
            if self._origin_s is None:
                self._origin_s = onset_s
            if self._ends and onset_s <= self._ends[-1] + _NEAR_S:
                self._ends[-1] = max(self._ends[-1], onset_s + duration_s)
            else:
                self._starts.append(onset_s)
                self._ends.append(onset_s + duration_s)

    def has_any(self, onset_s: float, duration_s: float) -> bool:
        """Whether some of a stretch is covered; a stretch without duration is a point."""
        end_s = onset_s + duration_s
        index = bisect_right(self._ends, onset_s + (_NEAR_S if duration_s else 0.0))
        if index == len(self._starts):
            return False
        return self._starts[index] < end_s - _NEAR_S if duration_s else self._starts[index] <= end_s

    def is_in_step(self, onset_s: float, epoch_s: float) -> bool:
        """Whether a time lies a whole number of epochs from the first stretch."""
        if self._origin_s is None:
            return True
        rest_s = (onset_s - self._origin_s) % epoch_s
        return min(rest_s, epoch_s - rest_s) <= _NEAR_S
