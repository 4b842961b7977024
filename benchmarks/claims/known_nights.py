"""Simulated nights with what is in them, in the kinds and seconds of the detectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from psg.claims.night import MeasuredNight, measure_night
from psg.simulate import SimulatedEvent, preprocessed, simulate_night
from psg.stages import EPOCH_S

KINDS = (
    "spindle",
    "k_complex",
    "slow_wave",
    "alpha",
    "vertex_wave",
    "sawtooth",
    "rem",
    "sem",
    "blink",
    "arousal",
    "movement",
)
LASTING = ("alpha", "movement")
_LEAST_SLOW_WAVE_UV = 75.0


@dataclass(frozen=True)
class KnownNight:
    """A measured night and its true events, in seconds from the start of the first epoch."""

    measured: MeasuredNight
    truth: dict[str, list[SimulatedEvent]]

    @property
    def epoch_count(self) -> int:
        return len(self.measured.measures)

    def inside(self, kind: str, epoch: int) -> list[SimulatedEvent]:
        """True events with their middle in an epoch; lasting ones cut at its edges."""
        onset_s = epoch * EPOCH_S
        found = []
        for event in self.truth[kind]:
            start_s, end_s = event.start_s - onset_s, event.end_s - onset_s
            if kind in LASTING and end_s > 0 and start_s < EPOCH_S:
                start_s, end_s = max(start_s, 0.0), min(end_s, EPOCH_S)
            elif not 0 <= (start_s + end_s) / 2 < EPOCH_S:
                continue
            found.append(replace(event, start_s=round(start_s, 2), end_s=round(end_s, 2)))
        return found


def known_nights(count: int, hours: float, first_seed: int) -> Iterator[KnownNight]:
    for seed in range(first_seed, first_seed + count):
        night = simulate_night(hours=hours, seed=seed)
        yield KnownNight(
            measure_night(preprocessed(night)), _truth(night.events, night.grid.epoch0_s)
        )


def _truth(events: tuple[SimulatedEvent, ...], epoch0_s: float) -> dict[str, list[SimulatedEvent]]:
    truth: dict[str, list[SimulatedEvent]] = {kind: [] for kind in KINDS}
    for event in events:
        kind = _kind(event)
        if kind in truth:
            truth[kind].append(
                replace(event, start_s=event.start_s - epoch0_s, end_s=event.end_s - epoch0_s)
            )
    return truth


def _kind(event: SimulatedEvent) -> str | None:
    """The detectors' kind: eyes move as rapidly awake as in R; small waves are no slow waves."""
    if event.kind == "waking_rem":
        return "rem"
    is_small = event.parameters.get("peak_to_peak_uv", 0.0) < _LEAST_SLOW_WAVE_UV
    return None if event.kind == "slow_wave" and is_small else event.kind
