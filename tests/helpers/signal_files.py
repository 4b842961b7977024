"""Recordings in memory that behave like files."""

from collections.abc import Mapping

import numpy as np

from psg.clockkind import ClockKind
from psg.edf import Channel

RANGE = 32_767


class ArrayFile:
    """Signals of a rate in uV, by label, as `psg.signalfile.SignalFile` wants them."""

    start_clock_s: float | None = None
    start_day: int | None = None
    clock_kind = ClockKind.LOCAL
    gaps = ()
    warnings = ()

    def __init__(self, signals_uv: Mapping[str, np.ndarray], sfreq_hz: float) -> None:
        self._signals_uv = list(signals_uv.values())
        self.duration_s = len(self._signals_uv[0]) / sfreq_hz
        self.channels = tuple(
            Channel(
                index=index,
                label=label,
                sfreq_hz=sfreq_hz,
                unit="uV",
                physical_min=-RANGE,
                physical_max=RANGE,
                digital_min=-RANGE,
                digital_max=RANGE,
                usable=True,
                note="",
                first_sample=0,
                samples_per_record=round(sfreq_hz),
                bits=0,
            )
            for index, label in enumerate(signals_uv)
        )

    def sample_count(self, channel_index):
        return len(self._signals_uv[channel_index])

    def fits_in_memory(self, channel_index):
        return True

    def read_digital(self, channel_index, first=0, stop=None):
        return self._signals_uv[channel_index][first:stop]

    def read_uv(self, channel_index):
        return self._signals_uv[channel_index].astype(np.float64)

    def annotations(self):
        return []
