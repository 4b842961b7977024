"""What every reader of recordings gives: signals, rates, units, a clock, annotations, warnings."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from psg.edf.annotations import Annotation, Gap
from psg.edf.channels import Channel


class SignalFile(Protocol):
    """A recording on disk whose signals stay there until they are read.

    `psg.edf.EdfFile` is one; readers of other formats behave like it. Nothing here names a person:
    a reader gives no texts but labels, units, and the annotations, of which only stages, lights
    and known events are ever kept.
    """

    channels: tuple[Channel, ...]
    duration_s: float
    start_clock_s: float | None
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
