"""A recording whose units a person states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.edf import Channel
from psg.edf.annotations import Annotation
from psg.errors import PsgError
from psg.ingest.channelmap import find_channel
from psg.signalfile import SignalFile
from psg.units import uv_per_unit


def resolve_units(units: Mapping[str, str], file: SignalFile) -> dict[int, float]:
    """Find the uV in a unit, by channel of the file.

    Raises
    ------
    PsgError
        When a channel is not in the file, or a unit is no voltage.
    """
    resolved = {}
    for label, unit in units.items():
        factor = uv_per_unit(unit)
        if factor is None:
            raise PsgError(
                f"“{unit[:20]}” is no unit of a voltage",
                where=label[:80],
                advice="The units are uV, mV, V and nV.",
            )
        resolved[find_channel(label, file.channels).index] = factor
    return resolved


def with_units(file: SignalFile, units: Mapping[int, float]) -> SignalFile:
    """Read a file as if it stated these units, in uV by channel."""
    return _WithUnits(file, units) if units else file


class _WithUnits:
    def __init__(self, file: SignalFile, units: Mapping[int, float]) -> None:
        self._file = file
        self._factors = {
            index: uv / file.channels[index].uv_per_unit for index, uv in units.items()
        }
        self.channels: tuple[Channel, ...] = tuple(
            _scaled(channel, self._factors.get(channel.index)) for channel in file.channels
        )
        self.duration_s = file.duration_s
        self.start_clock_s = file.start_clock_s
        self.start_day = file.start_day
        self.clock_kind = file.clock_kind
        self.gaps = file.gaps
        self.warnings = file.warnings

    def sample_count(self, channel_index: int) -> int:
        return self._file.sample_count(channel_index)

    def fits_in_memory(self, channel_index: int) -> bool:
        return self._file.fits_in_memory(channel_index)

    def read_digital(
        self, channel_index: int, first: int = 0, stop: int | None = None
    ) -> NDArray[Any]:
        return self._file.read_digital(channel_index, first, stop)

    def read_uv(self, channel_index: int) -> NDArray[np.float64]:
        values = self._file.read_uv(channel_index)
        values *= self._factors.get(channel_index, 1.0)
        return values

    def annotations(self) -> list[Annotation]:
        return self._file.annotations()


def _scaled(channel: Channel, factor: float | None) -> Channel:
    if factor is None:
        return channel
    return replace(
        channel,
        unit="uV",
        physical_min=channel.physical_min * factor,
        physical_max=channel.physical_max * factor,
        uv_per_unit=channel.uv_per_unit * factor,
        note=channel.note or "its unit was stated by a person",
    )
