"""Steps straight from W to N3 or R are rare in adults and worth a second look."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition
from psg.stages import Stage

UNUSUAL = (Stage.N3, Stage.R)


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for epoch in scoring:
        stage = scoring.stage(epoch)
        if stage in UNUSUAL and scoring.stage(epoch - 1) == Stage.W:
            message = f"{stage} directly after W is unusual; look again at both epochs."
            yield Finding(epoch, Level.WARNING, "wake-jump", message)
