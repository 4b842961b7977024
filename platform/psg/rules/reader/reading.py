"""What the reader gives for one epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psg.stages import Stage


@dataclass(frozen=True)
class Reading:
    """Stage, cited rules, rationale and evidence of one epoch.

    ``evidence`` is ready for JSON: kind, derivation, start_s and end_s inside the epoch, values.
    """

    stage: Stage
    rules: tuple[str, ...]
    rationale: str
    evidence: list[dict[str, Any]]
