"""Stage entries of a file: a stage over a stretch of time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from psg.errors import StageFileError
from psg.stages import Stage

# A week. No stage lies further from the start of its recording, so that nobody who lays entries
# on a grid meets a number without an end.
FARTHEST_S = 7 * 86_400.0
# Times are written with few decimals; less than this is no difference.
NEAR_S = 0.5
# So much of a known word is kept as the file wrote it.
LONGEST_TEXT = 80
_CORRECT = "Correct the onset and the duration."

T = TypeVar("T")


@dataclass(frozen=True)
class StageEntry:
    """A stage over a stretch of time; onset in seconds from the zero of its file.

    ``text`` is a known word for a stage as the file wrote it; empty for any other text.

    Raises
    ------
    StageFileError
        When a time is not a finite number, or lies further than a week from the start.
    """

    onset_s: float
    duration_s: float
    stage: Stage | None
    text: str

    def __post_init__(self) -> None:
        ends_s = (self.onset_s, self.duration_s, self.onset_s + self.duration_s)
        if not all(math.isfinite(end_s) for end_s in ends_s):
            raise StageFileError(
                "The time of a stage is not a finite number", where=self._place, advice=_CORRECT
            )
        if max(map(abs, ends_s)) > FARTHEST_S:
            raise StageFileError(
                "A stage lies more than a week from the start of the recording",
                where=self._place,
                advice=f"{_CORRECT} Check that the times are in seconds.",
            )

    @property
    def end_s(self) -> float:
        return self.onset_s + self.duration_s

    @property
    def _place(self) -> str:
        return f"{self.duration_s:g} s at {self.onset_s:g} s"


def at_place(where: str, make: Callable[[], T]) -> T:
    """Make something of a part of a file, and name the part when that is refused."""
    try:
        return make()
    except StageFileError as error:
        place = ": ".join(filter(None, [where, error.where]))
        raise type(error)(error.what, where=place, advice=error.advice) from None
