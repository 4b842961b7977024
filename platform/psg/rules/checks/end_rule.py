"""A rule that ends a stage (N2.4, R.3) needs an epoch of that stage just before."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition
from psg.stages import Stage


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    ending = {rule.id: rule.ends for rule in edition.rules if rule.ends is not None}
    for epoch in scoring:
        before = scoring.stage(epoch - 1)
        for rule_id in scoring.rules(epoch):
            ended = ending.get(rule_id)
            if ended is not None and before is not None and before != ended:
                yield _finding(epoch, rule_id, ended, before)


def _finding(epoch: int, rule_id: str, ended: Stage, before: Stage) -> Finding:
    message = f"{rule_id} ends {ended}, but the epoch before is {before}."
    return Finding(epoch, Level.WARNING, "end-rule", message)
