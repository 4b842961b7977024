"""A cited rule must exist in the edition and be able to support the stage given."""

from __future__ import annotations

from collections.abc import Iterator

from psg.rules.checks.finding import Finding, Level, ScoringView
from psg.rules.editions import RuleEdition


def find(scoring: ScoringView, edition: RuleEdition) -> Iterator[Finding]:
    for epoch in scoring:
        for rule_id in scoring.rules(epoch):
            message = _contradiction(scoring, edition, epoch, rule_id)
            if message:
                yield Finding(epoch, Level.ERROR, "rule-supports-stage", message)


def _contradiction(
    scoring: ScoringView, edition: RuleEdition, epoch: int, rule_id: str
) -> str | None:
    stage = scoring.stage(epoch)
    if rule_id not in edition:
        return f"{rule_id} is not a rule of {edition.title}."
    rule = edition.rule(rule_id)
    if stage is None or rule.can_support(stage):
        return None
    return f"{rule_id} supports {', '.join(rule.supports)}, not {stage}."
