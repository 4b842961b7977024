"""Run all checks over one scoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from psg.rules.checks import (
    end_rule,
    movement_next_stage,
    n2_continuation,
    r_continuation,
    rule_supports_stage,
    wake_jump,
)
from psg.rules.checks.finding import Finding, ScoredEpoch, ScoringView
from psg.rules.editions import RuleEdition

Check = Callable[[ScoringView, RuleEdition], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    rule_supports_stage.find,
    end_rule.find,
    movement_next_stage.find,
    n2_continuation.find,
    r_continuation.find,
    wake_jump.find,
)


def check_scoring(scores: Iterable[ScoredEpoch], edition: RuleEdition) -> list[Finding]:
    """Findings of all checks, by epoch; unscored epochs are passed over."""
    scoring = ScoringView(scores)
    return sorted(finding for check in CHECKS for finding in check(scoring, edition))
