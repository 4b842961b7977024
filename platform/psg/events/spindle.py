"""Sleep spindle: a train of 11-16 Hz waves of at least 0.5 s, maximal over the central derivation.

Definition: AASM manual (Iber et al. 2007). The measure, a sigma amplitude that stands out from the
night's own level together with a share of the total power, follows the idea of relative power
in Lacourse et al. 2019 (J Neurosci Methods 316:3); thresholds are ours.
To exclude alpha, the band below must have less power than sigma.
"""

from __future__ import annotations

import numpy as np

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, frequencies_hz, long_runs, moving_rms, peak_to_peak
from psg.montage import Derivation

KIND = "spindle"
BAND_HZ = (11.0, 16.0)
SHORTEST_S, LONGEST_S = 0.5, 3.0
LEAST_RMS_UV = 3.0
TIMES_NIGHT_MEDIAN = 1.8
LEAST_SHARE = 0.45


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find spindles over C4: 11-16 Hz, 0.5-3 s, with size (uV) and frequency (Hz)."""
    if Derivation.C4 not in night or not night.sample_count:
        return []
    sigma = night.band(Derivation.C4, *BAND_HZ)
    level_uv = moving_rms(sigma, 0.3)
    threshold_uv = max(LEAST_RMS_UV, TIMES_NIGHT_MEDIAN * float(np.median(level_uv)))
    dominant = level_uv**2 > LEAST_SHARE * night.band_power(Derivation.C4, 4.0, 30.0, 0.5)
    beyond_alpha = level_uv**2 > night.band_power(Derivation.C4, 7.5, 10.5, 0.5)
    runs = long_runs(
        (level_uv > threshold_uv) & dominant & beyond_alpha, shortest_s=SHORTEST_S - 0.1, gap_s=0.15
    )
    # The 0.3-s window trims both flanks of a spindle by about this much.
    durations_s = runs.durations_s + 0.1
    pitch_hz = frequencies_hz(sigma, runs)
    keep = (durations_s <= LONGEST_S) & (pitch_hz >= BAND_HZ[0]) & (pitch_hz <= BAND_HZ[1])
    runs = runs.where(keep)
    return events_of(
        KIND,
        Derivation.C4,
        runs,
        peak_to_peak_uv=peak_to_peak(sigma, runs),
        frequency_hz=pitch_hz[keep],
    )
