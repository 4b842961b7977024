"""Low chin tone where nobody was awake: below that of non-REM sleep.

In the manual tone of R is no higher than in any other stage. `psg.events.chin_tone` takes the lower
half of the range of the night, which needs tone of W or movements. In a recording of sleep alone
the range is narrow, but the tone of its non-REM sleep is known: what is lower still is low. What is
not lower stays unknown, since tone of R may be as high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from psg.events.chin_tone import ChinTone
from psg.events.measures import EpochMeasures
from psg.events.unread import seconds_outside
from psg.montage import Derivation
from psg.rules.reader.signs import N3_SECONDS
from psg.stages import EPOCH_S

LEAST_EPOCHS = 10
LOWEST_PERCENTILE = 5


def below_non_rem(
    epochs: Sequence[EpochMeasures], tone: ChinTone | None, slow_s: Sequence[float]
) -> list[EpochMeasures] | None:
    """Return the epochs with tone marked as low where it is below that of epochs with slow waves.

    None where the range of the night tells it, without a chin, and where non-REM sleep is short.
    """
    if tone is None or tone.informative:
        return None
    levels_uv = [
        epoch.tone_uv
        for epoch, filled_s in zip(epochs, slow_s, strict=True)
        if filled_s >= N3_SECONDS and epoch.tone_uv is not None
    ]
    if len(levels_uv) < LEAST_EPOCHS:
        return None
    limit_uv = float(np.percentile(levels_uv, LOWEST_PERCENTILE))
    width = int(EPOCH_S)
    return [
        _marked(epoch, tone.level_uv[place * width : (place + 1) * width] < limit_uv)
        for place, epoch in enumerate(epochs)
    ]


def _marked(epoch: EpochMeasures, is_lower: np.ndarray) -> EpochMeasures:
    """Where the chin is dead or a movement hides it, its level tells nothing about tone."""
    is_read = seconds_outside(epoch.unread(Derivation.CHIN))
    share = float(is_lower[is_read].mean()) if epoch.tone_uv is not None else 0.0
    return replace(epoch, low_tone_share=share) if share > 0.5 else epoch
