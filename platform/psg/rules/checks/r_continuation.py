"""R.2 belongs to a bout of R that holds an epoch of definite R (R.1), before it or after it."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition
from psg.stages import Stage


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for epoch in scoring:
        if scoring.stage(epoch) != Stage.R or not scoring.cites(epoch, "R.2"):
            continue
        if not _may_be_anchored(scoring, epoch):
            message = "R.2 needs definite R next to it, but no epoch of this R bout cites R.1."
            yield Finding(epoch, Level.WARNING, "r-continuation", message)


def _may_be_anchored(scoring: ScoringView, epoch: int) -> bool:
    """True as well where an epoch of the bout cites nothing, or the bout meets unscored epochs."""
    bout = scoring.bout(epoch)
    if any(not scoring.rules(index) or scoring.cites(index, "R.1") for index in bout):
        return True
    return scoring.stage(bout.stop) is None
