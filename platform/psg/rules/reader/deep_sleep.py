"""The seconds of an epoch that slow waves fill, as scorers of real recordings count them for N3.

The manual asks for waves of 0.5-2 Hz and more than 75 uV frontally. Measured from 0.3 Hz on, as
`psg.events.slow_wave` does, the broad waves of N2 that ride on a slow sway reach 75 uV too often,
and the quicker waves of N3 too seldom. So N3 is counted between 0.8 and 3 Hz, where a wave of 1 Hz
keeps 0.86 of its size and one of 0.7 Hz 0.30. Band and size are ours
(`benchmarks.reader_constants`); most recordings at hand have C4 alone, which shows 0.70-0.84 of
the frontal size.
"""

from __future__ import annotations

from collections.abc import Sequence

from psg.events import ContinuousNight, DetectedEvent, movement, slow_wave
from psg.events.faults import EpochFaults
from psg.events.frontal import searched
from psg.events.measures import measure_epochs
from psg.events.unread import unread_in

BAND_HZ = (0.8, 3.0)
LEAST_UV = 55.0


def steep_seconds(
    night: ContinuousNight, epoch_count: int, faults: Sequence[EpochFaults]
) -> list[float]:
    """Return the seconds of each epoch under waves of this band and size; 0 where none is read.

    Where the searched one of F4 and C4 has a fault, the other is searched.
    """
    hidden = night.find_once(movement.find)
    seconds = _seconds(night, hidden, epoch_count, faults)
    home = searched(night)
    lost = [home in unread.lost for unread in unread_in(faults)]
    if home is None or not any(lost):
        return seconds
    instead = _seconds(night.without({home}), hidden, epoch_count, faults)
    return [
        other if is_lost else own
        for own, other, is_lost in zip(seconds, instead, lost, strict=True)
    ]


def _seconds(
    night: ContinuousNight,
    hidden: list[DetectedEvent],
    epoch_count: int,
    faults: Sequence[EpochFaults],
) -> list[float]:
    waves = slow_wave.find_in(night, BAND_HZ, LEAST_UV)
    events = {slow_wave.KIND: waves, movement.KIND: hidden}
    measured = measure_epochs(events, None, epoch_count, faults)
    return [epoch.seconds(slow_wave.KIND) for epoch in measured]
