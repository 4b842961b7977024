"""What one epoch holds: its events and the seconds they fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from psg.events import Event
from psg.events.chin_tone import ChinTone
from psg.events.cutting import events_by_epoch
from psg.stages import EPOCH_S

HALF_S = EPOCH_S / 2


@dataclass(frozen=True)
class EpochMeasures:
    """Events by kind with times in seconds inside the epoch, cut at its edges.

    ``tone_uv`` is the median chin level in uV RMS, None without a chin; ``low_tone_share`` is the
    share of seconds with low tone, None as well where the chin tells nothing.
    """

    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    tone_uv: float | None = None
    low_tone_share: float | None = None

    def of(self, kind: str) -> tuple[Event, ...]:
        return self.events.get(kind, ())

    def count(self, kind: str) -> int:
        return len(self.of(kind))

    def seconds(self, kind: str) -> float:
        """Seconds of the epoch under events of this kind, overlaps counted once."""
        covered_s, reached_s = 0.0, 0.0
        for event in self.of(kind):
            covered_s += max(event.end_s - max(event.start_s, reached_s), 0.0)
            reached_s = max(reached_s, event.end_s)
        return covered_s

    @property
    def tone_is_low(self) -> bool | None:
        return None if self.low_tone_share is None else self.low_tone_share > 0.5


def measure_epochs(
    events: Mapping[str, list[Event]], tone: ChinTone | None, epoch_count: int
) -> list[EpochMeasures]:
    """Sort the events of a night into its epochs."""
    return [
        EpochMeasures(
            {kind: tuple(inside) for kind, inside in kinds.items()}, **_tone_of(tone, epoch)
        )
        for epoch, kinds in enumerate(events_by_epoch(events, epoch_count))
    ]


def _tone_of(tone: ChinTone | None, epoch: int) -> dict[str, float | None]:
    if tone is None:
        return {}
    first = int(epoch * EPOCH_S)
    level_uv = tone.level_uv[first : first + int(EPOCH_S)]
    median_uv = float(np.median(level_uv))
    if not tone.informative:
        return {"tone_uv": median_uv}
    return {
        "tone_uv": median_uv,
        "low_tone_share": float(np.mean(level_uv <= tone.low_below_uv)),
    }
