"""N2.2 goes on from N2 that had its K complex or spindle (N2.1), or from N2 after N3 (N2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition
from psg.stages import Stage

ANCHORS = {"N2.1", "N2.3"}
MESSAGE = "N2.2 continues N2, but no epoch of this N2 bout up to here cites N2.1 or N2.3."


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for bout in scoring.bouts(Stage.N2):
        may_be_anchored = False
        for epoch in bout:
            rules = scoring.rules(epoch)
            # An epoch that cites nothing may be the anchor.
            may_be_anchored |= not rules or not ANCHORS.isdisjoint(rules)
            if "N2.2" in rules and not may_be_anchored:
                yield Finding(epoch, Level.WARNING, "n2-continuation", MESSAGE)
