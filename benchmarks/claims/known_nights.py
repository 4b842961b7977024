"""Simulated nights with their true events, in the kinds of the detectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from psg.claims.measured import MeasuredNight, measure_night
from psg.simulate import SimulatedEvent, preprocessed, simulate_night
from psg.simulate.night import LASTING, known_events
from psg.stages import EPOCH_S


@dataclass(frozen=True)
class KnownNight:
    """A measured night and its true events, in seconds from the start of the first epoch."""

    measured: MeasuredNight
    truth: dict[str, list[SimulatedEvent]]

    @property
    def epoch_count(self) -> int:
        return len(self.measured.measures)

    def inside(self, kind: str, epoch: int) -> list[SimulatedEvent]:
        """Return true events with their middle in an epoch; lasting events are cut at its edges."""
        onset_s = epoch * EPOCH_S
        events = []
        for event in self.truth[kind]:
            start_s, end_s = event.start_s - onset_s, event.end_s - onset_s
            if kind in LASTING and end_s > 0 and start_s < EPOCH_S:
                start_s, end_s = max(start_s, 0.0), min(end_s, EPOCH_S)
            elif not 0 <= (start_s + end_s) / 2 < EPOCH_S:
                continue
            events.append(replace(event, start_s=round(start_s, 2), end_s=round(end_s, 2)))
        return events


def known_nights(count: int, hours: float, first_seed: int) -> Iterator[KnownNight]:
    for seed in range(first_seed, first_seed + count):
        night = simulate_night(hours=hours, seed=seed)
        yield KnownNight(measure_night(preprocessed(night), is_simulated=True), known_events(night))
