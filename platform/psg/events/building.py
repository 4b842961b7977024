"""From sample ranges and measures to events."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ
from psg.events.event import Event
from psg.events.tools import Runs
from psg.montage import Derivation

Measures = NDArray[np.floating]


def events_of(
    kind: str,
    derivation: Derivation,
    runs: Runs,
    *,
    peak_to_peak_uv: Measures | None = None,
    frequency_hz: Measures | None = None,
) -> list[Event]:
    """One event a run; measures have shape (n_runs,)."""
    return [
        Event(kind, derivation, start / SFREQ_HZ, end / SFREQ_HZ, size, pitch)
        for start, end, size, pitch in zip(
            runs.starts.tolist(),
            runs.ends.tolist(),
            _column(peak_to_peak_uv, len(runs)),
            _column(frequency_hz, len(runs)),
            strict=True,
        )
    ]


def _column(measures: Measures | None, count: int) -> Iterable[float | None]:
    return [None] * count if measures is None else np.round(measures, 3).tolist()
