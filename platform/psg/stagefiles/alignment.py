"""A recording as stages are laid on it, and a table moved to its time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from psg.clockkind import ClockKind
from psg.doubts import Doubt
from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.stagefiles.entries import NEAR_S
from psg.stagefiles.facts import StageTable


class OtherNightError(StageFileError):
    """Clock or length say that a stage file belongs to another recording."""

    code = "other_night"


@dataclass(frozen=True)
class NightTimes:
    """The times of a recording on which stages are placed.

    Attributes
    ----------
    grid : EpochGrid
        Its epochs, or those it would have without stages.
    duration_s : float
        Length of the recording.
    clock_s : float or None
        Time of day of its start, in seconds after midnight.
    day : int or None
        Day of its start (`psg.days`), compared with that of a stage file and never kept.
    clock_kind : ClockKind
        What ``clock_s`` counts; where a person said it, a local clock.
    said_by_file_s : float or None
        The clock that its file gives, where a person said another one.
    sha256 : str
        Hash of its file, by which its own annotations are told.
    """

    grid: EpochGrid
    duration_s: float
    clock_s: float | None = None
    day: int | None = None
    clock_kind: ClockKind = ClockKind.LOCAL
    said_by_file_s: float | None = None
    sha256: str = ""

    def for_file(self, sha256: str) -> NightTimes:
        """Return the times for a stage file; those of its own file, for what that one holds."""
        if not sha256 or sha256 != self.sha256:
            return self
        clock_s = self.clock_s if self.said_by_file_s is None else self.said_by_file_s
        return replace(self, clock_s=clock_s, clock_kind=ClockKind.LOCAL, said_by_file_s=None)

    @property
    def has_rest(self) -> bool:
        """Whether an incomplete epoch lies at its end."""
        return self.duration_s - self.grid.onset_s(self.grid.epoch_count) > NEAR_S


@dataclass(frozen=True)
class Aligned:
    """A table whose onsets count from the start of the recording.

    ``may_lose`` says that stages outside the recording are left out and told, since two clocks
    show where the file lies; else they are refused.
    """

    table: StageTable
    shift_s: float = 0.0
    may_lose: bool = False
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = field(default=())


def moved(table: StageTable, shift_s: float) -> StageTable:
    if shift_s == 0:
        return table
    return replace(
        table,
        entries=tuple(replace(each, onset_s=each.onset_s + shift_s) for each in table.entries),
        events=tuple(replace(each, onset_s=each.onset_s + shift_s) for each in table.events),
        lights=table.lights.after(-shift_s),
    )
