"""What the clock of a recording counts."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class ClockKind(StrEnum):
    """A local clock; that of a place unknown (UTC); or none, as pieces were joined."""

    LOCAL = ""
    UTC = "utc"
    JOINED = "joined"


# Words of readers, by which the clocks of imports of earlier versions are told.
UTC_NOTE = "The clock of a FIF file is in UTC; it was not converted to local time."
JOINED_NOTE = "Pieces of the recording were joined at"


def clock_kind_of(record: Mapping[str, Any], notes: Iterable[str]) -> ClockKind:
    """Return what the clock of a file counts, by its intake record and what its reader noted."""
    stated = record.get("said") or {}
    if "clock_kind" in stated:
        return ClockKind(stated["clock_kind"])
    noted = tuple(notes)
    if any(note.startswith(JOINED_NOTE) for note in noted):
        return ClockKind.JOINED
    is_utc = record.get("format", "").startswith("FIF") or UTC_NOTE in noted
    return ClockKind.UTC if is_utc else ClockKind.LOCAL
