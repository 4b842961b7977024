"""Theta: 4-8 Hz activity that dominates the central derivation at low amplitude.

The core of low-amplitude mixed-frequency (LAMF) activity in the AASM manual (Iber et al. 2007):
"predominantly 4-7 Hz". A stretch lasts a second or more. Activity of high amplitude is left
to the slow-wave detector.
"""

from __future__ import annotations

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, frequencies_hz, long_runs, peak_to_peak
from psg.montage import Derivation

KIND = "theta"
BAND_HZ = (4.0, 8.0)
LEAST_SHARE = 0.4
LEAST_RMS_UV, MOST_RMS_UV = 2.0, 30.0
SHORTEST_S, GAP_S = 1.0, 0.5
_WINDOW_S = 1.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find stretches of theta over C4, with size (uV) and frequency (Hz)."""
    if Derivation.C4 not in night:
        return []
    theta = night.band(Derivation.C4, *BAND_HZ)
    power = night.band_power(Derivation.C4, *BAND_HZ, _WINDOW_S)
    total = night.band_power(Derivation.C4, 2.0, 30.0, _WINDOW_S)
    strong = (power > LEAST_RMS_UV**2) & (power < MOST_RMS_UV**2)
    runs = long_runs((power > LEAST_SHARE * total) & strong, shortest_s=SHORTEST_S, gap_s=GAP_S)
    return events_of(
        KIND,
        Derivation.C4,
        runs,
        peak_to_peak_uv=peak_to_peak(theta, runs),
        frequency_hz=frequencies_hz(theta, runs),
    )
