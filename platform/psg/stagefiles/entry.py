"""One stage of a stage file, before it is laid on a grid."""

from __future__ import annotations

from dataclasses import dataclass

from psg.stages import Stage


@dataclass(frozen=True)
class StageEntry:
    """A stage over a stretch of time; onset in seconds from the start of the recording."""

    onset_s: float
    duration_s: float
    stage: Stage | None
    text: str
