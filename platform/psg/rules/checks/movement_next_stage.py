"""An epoch scored by MBM.2 takes the stage of the epoch that follows."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for epoch in scoring:
        following = scoring.stage(epoch + 1)
        if not scoring.cites(epoch, "MBM.2") or following is None:
            continue
        if following != scoring.stage(epoch):
            message = f"MBM.2 takes the stage of the next epoch, which is {following}."
            yield Finding(epoch, Level.WARNING, "movement-next-stage", message)
