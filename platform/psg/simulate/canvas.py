"""The traces of a night while it is being made, and the list of the events put into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psg.montage import DERIVATIONS, Derivation
from psg.simulate.draws import FloatArray


@dataclass(frozen=True)
class SimulatedEvent:
    """A waveform or disturbance with its place and its parameters.

    Attributes
    ----------
    kind
        For example ``"spindle"``, ``"k_complex"``, ``"slow_wave"``, ``"alpha"``, ``"rem"``.
    channel
        The derivation in which the event is largest, or ``"all"``.
    start_s, end_s
        Seconds from the start of the recording.
    parameters
        The parameters drawn for the event; the unit ends each name (``_uv``, ``_hz``).
    """

    kind: str
    channel: str
    start_s: float
    end_s: float
    parameters: Mapping[str, float] = field(default_factory=dict)


SFREQ_HZ = 256.0


class Canvas:
    """Six traces in uV that generators add their waveforms to.

    Attributes
    ----------
    traces
        float32, shape (6, n_samples), rows in the order of ``DERIVATIONS``. Positive is
        positive: a K complex starts with a negative deflection.
    events
        Every event so far, in no particular order.
    """

    def __init__(self, duration_s: float, sfreq_hz: float = SFREQ_HZ) -> None:
        self.duration_s = duration_s
        self.sfreq_hz = sfreq_hz
        self.traces: NDArray[np.float32] = np.zeros(
            (len(DERIVATIONS), round(duration_s * sfreq_hz)), dtype=np.float32
        )
        self.events: list[SimulatedEvent] = []

    def row(self, derivation: Derivation) -> NDArray[np.float32]:
        """Return a trace; changes to it are changes to the canvas."""
        return self.traces[DERIVATIONS.index(derivation)]

    def times(self, length_s: float) -> FloatArray:
        """Sample times from 0 of a waveform of this length."""
        return np.arange(max(round(length_s * self.sfreq_hz), 1)) / self.sfreq_hz

    def add(
        self,
        start_s: float,
        waveform_uv: FloatArray,
        gains: Mapping[Derivation, float],
        delays_s: Mapping[Derivation, float] | None = None,
    ) -> None:
        """Add a waveform to several traces, each with its own gain and delay.

        Parts outside the recording are left out.
        """
        for derivation, gain in gains.items():
            delay_s = delays_s.get(derivation, 0.0) if delays_s else 0.0
            first = round((start_s + delay_s) * self.sfreq_hz)
            cut = slice(max(first, 0), max(min(first + len(waveform_uv), self.traces.shape[1]), 0))
            if cut.stop > cut.start:
                self.row(derivation)[cut] += (
                    gain * waveform_uv[cut.start - first : cut.stop - first]
                )

    def note(
        self, kind: str, channel: str, start_s: float, end_s: float, **parameters: float
    ) -> None:
        """Record an event, unless it lies outside the recording."""
        start_s, end_s = max(start_s, 0.0), min(end_s, self.duration_s)
        if end_s > start_s:
            rounded = {name: round(value, 3) for name, value in parameters.items()}
            self.events.append(
                SimulatedEvent(kind, channel, round(start_s, 3), round(end_s, 3), rounded)
            )
