"""Published agreement between experts, for comparison.

Each figure has its source: they were counted in different ways, on different nights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from psg.stages import Stage


@dataclass(frozen=True)
class Ceiling:
    """A published figure of agreement between experts, as a share or a kappa."""

    value: float
    source: str


KAPPA = Ceiling(0.76, "SIESTA: 82.0 % agreement, kappa 0.76 between two experts")
KAPPA_TWO_CENTRES = Ceiling(0.66, "two centres: kappa 0.66 (n = 1,066)")
AGREEMENT = Ceiling(0.826, "AASM inter-scorer programme: 82.6 % agreement")
STAGE_AGREEMENT: Mapping[Stage, Ceiling] = MappingProxyType(
    {
        Stage.N1: Ceiling(0.630, "AASM inter-scorer programme: N1 63.0 %"),
        Stage.N3: Ceiling(0.674, "AASM inter-scorer programme: N3 67.4 %"),
        Stage.R: Ceiling(0.905, "AASM inter-scorer programme: R 90.5 %"),
    }
)
UNANIMITY: Mapping[int, Ceiling] = MappingProxyType(
    {
        6: Ceiling(0.46, "6 scorers alike in 46 % of epochs"),
        9: Ceiling(0.38, "9 scorers alike in 38 % of epochs"),
        12: Ceiling(0.32, "12 scorers alike in 32 % of epochs"),
    }
)
