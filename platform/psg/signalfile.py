"""What every reader of recordings gives: signals, rates, units, a clock, annotations, warnings."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from psg.clockkind import ClockKind
from psg.edf.annotations import Annotation, Gap
from psg.edf.channels import Channel


class SignalFile(Protocol):
    """A recording on disk whose signals stay there until they are read.

    `psg.edf.EdfFile` is one; readers of other formats behave like it. Nothing here names a person:
    a reader gives no texts but labels, units, and the annotations, of which only stages, lights
    and known events are ever kept. `start_day` (`psg.days`) is compared and never kept.
    """

    channels: tuple[Channel, ...]
    duration_s: float
    start_clock_s: float | None
    start_day: int | None
    clock_kind: ClockKind
    gaps: tuple[Gap, ...]
    warnings: tuple[str, ...]

    def sample_count(self, channel_index: int) -> int:
        """Count the samples of a channel over the whole clock."""
        ...

    def fits_in_memory(self, channel_index: int) -> bool:
        """Whether a channel is short enough to be read at once."""
        ...

    def read_digital(
        self, channel_index: int, first: int = 0, stop: int | None = None
    ) -> NDArray[Any]:
        """Read samples ``first`` to ``stop`` as counts of the channel's gain and offset.

        Counts are int16 where the channel has 16 bits, a wider integer where it has more, and
        floating-point numbers where it has none (``bits`` is 0).
        """
        ...

    def read_uv(self, channel_index: int) -> NDArray[np.float64]:
        """Read a channel in uV, in its own unit where it is no voltage; shape (samples,)."""
        ...

    def annotations(self) -> list[Annotation]:
        """Read the annotations, by onset in seconds from the first sample."""
        ...


def read_stretch_uv(
    file: SignalFile, channel_index: int, first: int, stop: int
) -> NDArray[np.float64]:
    """Read samples ``first`` to ``stop`` of what `SignalFile.read_uv` gives, gaps bridged alike.

    A long channel is worked on in stretches, as two whole ones would not fit into memory.
    """
    channel = file.channels[channel_index]

    def physical(begin: int, end: int) -> NDArray[np.float64]:
        return channel.to_physical(file.read_digital(channel_index, begin, end))

    values = physical(first, stop)
    for gap in file.gaps:
        begin, end = (round(time_s * channel.sfreq_hz) for time_s in (gap.start_s, gap.end_s))
        left, right = max(begin, first), min(end, stop)
        if left < right:
            ends = physical(begin - 1, begin)[0], physical(end, end + 1)[0]
            line = np.linspace(*ends, end - begin)
            values[left - first : right - first] = line[left - begin : right - begin]
    return values
