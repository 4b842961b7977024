"""Sawtooth waves: trains of triangular 2-6 Hz waves, maximal over the central region.

Definition: AASM manual (Iber et al. 2007); they support R and often precede a burst of rapid eye
movements. The shape of single waves is not measured, so a train must be regular: at least
70 % of the power between 2 and 6 Hz, for 1.5 s or more.
"""

from __future__ import annotations

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, frequencies_hz, long_runs, peak_to_peak
from psg.montage import Derivation

KIND = "sawtooth"
BAND_HZ = (2.0, 6.0)
LEAST_SHARE = 0.7
LEAST_RMS_UV, MOST_RMS_UV = 7.0, 40.0
SHORTEST_S = 1.5


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find trains of sawtooth waves over C4, with size (uV) and frequency (Hz)."""
    if Derivation.C4 not in night:
        return []
    band = night.band(Derivation.C4, *BAND_HZ)
    power = night.band_power(Derivation.C4, *BAND_HZ, 1.0)
    total = night.band_power(Derivation.C4, 0.5, 30.0, 1.0)
    strong = (power > LEAST_RMS_UV**2) & (power < MOST_RMS_UV**2)
    runs = long_runs((power > LEAST_SHARE * total) & strong, shortest_s=SHORTEST_S)
    return events_of(
        KIND,
        Derivation.C4,
        runs,
        peak_to_peak_uv=peak_to_peak(band, runs),
        frequency_hz=frequencies_hz(band, runs),
    )
