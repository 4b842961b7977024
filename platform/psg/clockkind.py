"""What the clock of a recording counts."""

from enum import StrEnum


class ClockKind(StrEnum):
    """A local clock; that of a place unknown (UTC); or none, as pieces were joined."""

    LOCAL = ""
    UTC = "utc"
    JOINED = "joined"
