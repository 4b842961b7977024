"""N2.2 goes on from N2 that had its K complex or spindle (N2.1), or from N2 after N3 (N2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition
from psg.stages import Stage

ANCHORS = ("N2.1", "N2.3")


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for epoch in scoring:
        if scoring.stage(epoch) != Stage.N2 or not scoring.cites(epoch, "N2.2"):
            continue
        if not _may_be_anchored(scoring, epoch):
            message = (
                "N2.2 continues N2, but no epoch of this N2 bout up to here cites N2.1 or N2.3."
            )
            yield Finding(epoch, Level.WARNING, "n2-continuation", message)


def _may_be_anchored(scoring: ScoringView, epoch: int) -> bool:
    """True as well where an earlier epoch of the bout cites nothing: it may be the anchor."""
    earlier = [scoring.rules(index) for index in scoring.bout(epoch) if index <= epoch]
    return any(not rules or set(rules) & set(ANCHORS) for rules in earlier)
