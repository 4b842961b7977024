"""R.2 belongs to a bout of R that holds an epoch of definite R (R.1), before it or after it."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition
from psg.stages import Stage

MESSAGE = "R.2 needs definite R next to it, but no epoch of this R bout cites R.1."


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for bout in scoring.bouts(Stage.R):
        if _may_be_anchored(scoring, bout):
            continue
        for epoch in bout:
            if scoring.cites(epoch, "R.2"):
                yield Finding(epoch, Level.WARNING, "r-continuation", MESSAGE)


def _may_be_anchored(scoring: ScoringView, bout: range) -> bool:
    """True as well where an epoch of the bout cites nothing, or the bout meets unscored epochs."""
    if any(not scoring.rules(index) or scoring.cites(index, "R.1") for index in bout):
        return True
    return scoring.stage(bout.stop) is None
