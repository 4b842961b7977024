"""Noticing that a file is shifted: its stages fit another scoring better some epochs on."""

from collections.abc import Mapping
from dataclasses import dataclass

FARTHEST = 3
LEAST_EPOCHS, LEAST_CHANGES = 20, 3
LEAST_SHARE, LEAST_GAIN = 0.75, 0.1


@dataclass(frozen=True)
class Shift:
    """How far to move the file's epochs, and the share of stages in common before and after."""

    epochs: int
    share_here: float
    share_there: float

    def __str__(self) -> str:
        way = "later" if self.epochs > 0 else "earlier"
        plural = "s" if abs(self.epochs) > 1 else ""
        return (
            f"{100 * self.share_here:.0f} % of its stages agree as it lies,"
            f" {100 * self.share_there:.0f} % would {abs(self.epochs)} epoch{plural} {way}"
        )


def find_shift(stages: Mapping[int, str], reference: Mapping[int, str]) -> Shift | None:
    """Return the shift that would make two scorings agree clearly better; None without one.

    Nights that change stage too seldom would fit anywhere and say nothing.
    """
    changes = sum(reference.get(n) != reference.get(n + 1) for n in reference)
    if changes < LEAST_CHANGES:
        return None
    here = _share(stages, reference, 0)
    best = max(
        (shift for shift in range(-FARTHEST, FARTHEST + 1) if shift),
        key=lambda shift: _share(stages, reference, shift),
    )
    there = _share(stages, reference, best)
    if there >= LEAST_SHARE and there - here >= LEAST_GAIN:
        return Shift(best, here, there)
    return None


def _share(stages: Mapping[int, str], reference: Mapping[int, str], shift: int) -> float:
    pairs = [stage == reference[n + shift] for n, stage in stages.items() if n + shift in reference]
    return sum(pairs) / len(pairs) if len(pairs) >= LEAST_EPOCHS else 0.0
