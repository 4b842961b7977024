"""What the clock of a recording counts."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

_FIF = "FIF (MNE, Neuromag)"
_UTC_NOTE = "The clock of a FIF file is in UTC"


class ClockKind(StrEnum):
    """A local clock; that of a place unknown (UTC); or none, as pieces were joined."""

    LOCAL = ""
    UTC = "utc"
    JOINED = "joined"


def clock_kind_of(intake: Mapping[str, Any], notes: Iterable[str]) -> ClockKind:
    """Return the kind of clock by the intake record and the notes of a recording.

    Older records do not name it: the clock of a FIF file always counts UTC.
    """
    said = intake.get("said") or {}
    if "clock_kind" in said:
        return ClockKind(said["clock_kind"])
    is_fif = intake.get("format") == _FIF or any(note.startswith(_UTC_NOTE) for note in notes)
    return ClockKind.UTC if is_fif else ClockKind.LOCAL
