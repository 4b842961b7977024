"""The epoch grid: 30-s epochs counted from an origin that need not be the start of the file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from psg.errors import OffGridError, PsgError
from psg.stages import EPOCH_S

OFF_GRID_TOLERANCE_S = 0.5


class HasOnset(Protocol):
    """Anything with a start in seconds from the start of the recording."""

    @property
    def onset_s(self) -> float: ...


@dataclass(frozen=True)
class EpochGrid:
    """Epochs of 30 s; the first starts ``epoch0_s`` seconds into the recording."""

    epoch0_s: float
    epoch_count: int

    def onset_s(self, index: int) -> float:
        """Give the start of an epoch, in seconds from the start of the recording."""
        return self.epoch0_s + EPOCH_S * index

    def index_of(self, onset_s: float) -> int:
        """Give the epoch that starts at ``onset_s``; it may lie outside the grid's count.

        Raises
        ------
        OffGridError
            When the onset is more than 0.5 s away from the nearest epoch start.
        """
        index = round((onset_s - self.epoch0_s) / EPOCH_S)
        if abs(onset_s - self.onset_s(index)) > OFF_GRID_TOLERANCE_S:
            raise OffGridError(
                "A stage does not fall on the epoch grid of this recording",
                where=f"stage at {onset_s:g} s, grid starts at {self.epoch0_s:g} s"
                f" and has epochs at {self.onset_s(index):g} s",
                advice="Import with the origin of the stage file, or correct the stage file.",
            )
        return index


def grid_for(
    duration_s: float,
    stage_entries: Iterable[HasOnset] | None = None,
    epoch0_s: float | None = None,
) -> EpochGrid:
    """Lay the grid of whole epochs over a recording.

    The origin is ``epoch0_s`` when given, else the phase of the first stage moved back by
    whole epochs to the start of the recording, else 0.
    """
    origin_s = _origin_s(stage_entries, epoch0_s)
    if not 0 <= origin_s <= max(duration_s, 0):
        raise PsgError(
            "The epoch grid starts outside the recording",
            where=f"origin {origin_s:g} s, recording of {duration_s:g} s",
            advice="Give an epoch start between 0 and the recording's length.",
        )
    # A hair of tolerance: 900 epochs must not become 899 through floating point.
    count = math.floor((duration_s - origin_s) / EPOCH_S + 1e-6)
    return EpochGrid(epoch0_s=origin_s, epoch_count=max(count, 0))


def _origin_s(stage_entries: Iterable[HasOnset] | None, epoch0_s: float | None) -> float:
    if epoch0_s is not None:
        if not math.isfinite(epoch0_s):
            raise PsgError("The epoch start is not a number", advice="Give seconds, such as 12.3.")
        return epoch0_s
    first_s = min((entry.onset_s for entry in stage_entries or ()), default=0.0)
    return round(first_s % EPOCH_S, 6) % EPOCH_S
