"""What the EEG and the eye channels are measured against.

The generators make every trace against the mastoid of the other side, as the AASM manual asks.
Laboratories also record all electrodes against a single one, or the wrong mastoid. The labels of
a simulated file stay the same then: that the reference is another shows in the signals alone.

Weights are ours. With a common electrode between F4 and Cz slow waves nearly vanish in F4, are
larger in C4 and O2, and move both eye channels alike, as in a nap recorded so (correlation of E1
and E2 0.7, C4 1.3 times as large as F4). A mastoid of the same side takes away a part of what the
temporal lobe shares with the electrodes above.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from psg.montage import Derivation
from psg.simulate.canvas import Canvas

F4, C4, O2 = Derivation.F4, Derivation.C4, Derivation.O2
E1, E2 = Derivation.E1, Derivation.E2


class Reference(StrEnum):
    """What the EEG and the eye channels are measured against."""

    MASTOIDS = "mastoids"
    COMMON = "common"
    SAME_SIDE = "same-side"


# What is subtracted from which derivations, as shares of derivations against the mastoids.
_COMMON = {F4: 0.6, C4: 0.55}
_RIGHT_MASTOID = {C4: 0.25, O2: 0.15}
_LEFT_MASTOID = {name: -share for name, share in _RIGHT_MASTOID.items()}
SUBTRACTED: Mapping[Reference, Mapping[Derivation, Mapping[Derivation, float]]] = {
    Reference.MASTOIDS: {},
    Reference.COMMON: dict.fromkeys((F4, C4, O2, E1, E2), _COMMON),
    Reference.SAME_SIDE: {**dict.fromkeys((F4, C4, O2), _RIGHT_MASTOID), E1: _LEFT_MASTOID},
}


def measure_against(canvas: Canvas, reference: Reference) -> None:
    """Change the traces of a canvas to another reference; its events stay as they are."""
    before = {name: canvas.row(name).copy() for name in (F4, C4, O2)}
    for derivation, shares in SUBTRACTED[reference].items():
        for name, share in shares.items():
            canvas.row(derivation)[:] -= np.float32(share) * before[name]
