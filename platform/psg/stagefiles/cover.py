"""Which stretches of a night are covered by stages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from psg.stagefiles.entries import NEAR_S


class Cover:
    """Stretches of time (onset, duration in s), joined where they touch or overlap."""

    def __init__(self, stretches: Iterable[tuple[float, float]]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for onset_s, duration_s in sorted(stretches):
            if self._ends and onset_s <= self._ends[-1] + NEAR_S:
                self._ends[-1] = max(self._ends[-1], onset_s + duration_s)
            else:
                self._starts.append(onset_s)
                self._ends.append(onset_s + duration_s)

    def has_any(self, onset_s: float, duration_s: float) -> bool:
        """Whether some of a stretch is covered; a stretch without duration is a point."""
        end_s = onset_s + duration_s
        index = bisect_right(self._ends, onset_s + (NEAR_S if duration_s else 0.0))
        if index == len(self._starts):
            return False
        return self._starts[index] < end_s - NEAR_S if duration_s else self._starts[index] <= end_s

    def covered_s(self, onset_s: float, duration_s: float) -> float:
        """Return how much of a stretch is covered."""
        end_s, total_s = onset_s + duration_s, 0.0
        for index in range(bisect_right(self._ends, onset_s), len(self._starts)):
            if self._starts[index] >= end_s:
                break
            total_s += min(self._ends[index], end_s) - max(self._starts[index], onset_s)
        return total_s
