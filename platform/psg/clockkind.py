"""What the clock of a recording counts."""

from collections.abc import Iterable
from enum import StrEnum


class ClockKind(StrEnum):
    """A local clock; that of a place unknown (UTC); or none, as pieces were joined."""

    LOCAL = ""
    UTC = "utc"
    JOINED = "joined"


# Words of readers, by which the clocks of imports of earlier versions are told.
UTC_NOTE = "The clock of a FIF file is in UTC; it was not converted to local time."
JOINED_NOTE = "Pieces of the recording were joined at"


def kind_by_words(format_title: str, notes: Iterable[str]) -> ClockKind:
    """Return what a clock counts, by the format of its file and by what its reader noted."""
    noted = tuple(notes)
    if any(note.startswith(JOINED_NOTE) for note in noted):
        return ClockKind.JOINED
    is_utc = format_title.startswith("FIF") or UTC_NOTE in noted
    return ClockKind.UTC if is_utc else ClockKind.LOCAL
