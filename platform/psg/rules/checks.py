"""Checks of a scoring against its rule edition: a function for each check.

An error says that a citation contradicts the edition; a warning says that a sequence is unusual
and worth a second look. Only stages and cited rules are read, never the signals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from psg.rules.editions import RuleEdition
from psg.stages import Stage

# The input of checks, and their findings.


class FindingLevel(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class RuleFinding:
    """A finding for the scorer about an epoch (counted from 0)."""

    epoch: int
    level: FindingLevel
    code: str
    message: str


class ScoredEpoch(Protocol):
    """An epoch of a scoring; ``stage`` may be the plain text of a stage."""

    @property
    def epoch(self) -> int: ...

    @property
    def stage(self) -> Stage | str | None: ...

    @property
    def rules(self) -> Sequence[str]: ...


class ScoredStages:
    """Stages and rules by epoch; an epoch without a score has no stage and no rules."""

    def __init__(self, scores: Iterable[ScoredEpoch]) -> None:
        self._stages: dict[int, Stage] = {}
        self._rules: dict[int, tuple[str, ...]] = {}
        for score in scores:
            if score.stage is not None:
                self._stages[score.epoch] = Stage(score.stage)
                self._rules[score.epoch] = tuple(score.rules)
        self._epochs = sorted(self._stages)

    def __iter__(self) -> Iterator[int]:
        return iter(self._epochs)

    def stage(self, epoch: int) -> Stage | None:
        return self._stages.get(epoch)

    def rules(self, epoch: int) -> tuple[str, ...]:
        return self._rules.get(epoch, ())

    def cites(self, epoch: int, rule_id: str) -> bool:
        return rule_id in self.rules(epoch)

    def bouts(self, stage: Stage) -> Iterator[range]:
        """The unbroken runs of epochs of this stage, first to last."""
        first = None
        for epoch in self._epochs:
            if self._stages[epoch] != stage:
                continue
            if first is None or self.stage(epoch - 1) != stage:
                first = epoch
            if self.stage(epoch + 1) != stage:
                yield range(first, epoch + 1)


# A cited rule must exist in the edition and be able to support the stage given.


def rule_supports_stage(scoring: ScoredStages, edition: RuleEdition) -> Iterator[RuleFinding]:
    for epoch in scoring:
        for rule_id in scoring.rules(epoch):
            message = _contradiction(scoring, edition, epoch, rule_id)
            if message:
                yield RuleFinding(epoch, FindingLevel.ERROR, "rule-supports-stage", message)


def _contradiction(
    scoring: ScoredStages, edition: RuleEdition, epoch: int, rule_id: str
) -> str | None:
    stage = scoring.stage(epoch)
    if rule_id not in edition:
        return f"{rule_id} is not a rule of {edition.title}."
    rule = edition.rule(rule_id)
    if stage is None or rule.can_support(stage):
        return None
    return f"{rule_id} supports {', '.join(rule.supports)}, not {stage}."


# A rule that ends a stage (N2.4, R.3) needs an epoch of that stage just before.


def end_rule(scoring: ScoredStages, edition: RuleEdition) -> Iterator[RuleFinding]:
    ending = {rule.id: rule.ends for rule in edition.rules if rule.ends is not None}
    for epoch in scoring:
        before = scoring.stage(epoch - 1)
        for rule_id in scoring.rules(epoch):
            ended = ending.get(rule_id)
            if ended is not None and before is not None and before != ended:
                yield _end_finding(epoch, rule_id, ended, before)


def _end_finding(epoch: int, rule_id: str, ended: Stage, before: Stage) -> RuleFinding:
    message = f"{rule_id} ends {ended}, but the epoch before is {before}."
    return RuleFinding(epoch, FindingLevel.WARNING, "end-rule", message)


# An epoch scored by MBM.2 takes the stage of the epoch that follows.


def movement_next_stage(scoring: ScoredStages, edition: RuleEdition) -> Iterator[RuleFinding]:
    for epoch in scoring:
        following = scoring.stage(epoch + 1)
        if not scoring.cites(epoch, "MBM.2") or following is None:
            continue
        if following != scoring.stage(epoch):
            message = f"MBM.2 takes the stage of the next epoch, which is {following}."
            yield RuleFinding(epoch, FindingLevel.WARNING, "movement-next-stage", message)


# N2.2 goes on from N2 that had its K complex or spindle (N2.1), or from N2 after N3 (N2.3).


N2_ANCHORS = {"N2.1", "N2.3"}
N2_MESSAGE = "N2.2 continues N2, but no epoch of this N2 bout up to here cites N2.1 or N2.3."


def n2_continuation(scoring: ScoredStages, edition: RuleEdition) -> Iterator[RuleFinding]:
    for bout in scoring.bouts(Stage.N2):
        may_be_anchored = False
        for epoch in bout:
            rules = scoring.rules(epoch)
            # An epoch that cites nothing may be the anchor.
            may_be_anchored |= not rules or not N2_ANCHORS.isdisjoint(rules)
            if "N2.2" in rules and not may_be_anchored:
                yield RuleFinding(epoch, FindingLevel.WARNING, "n2-continuation", N2_MESSAGE)


# R.2 belongs to a bout of R that holds an epoch of definite R (R.1), before it or after it.


R_MESSAGE = "R.2 needs definite R next to it, but no epoch of this R bout cites R.1."


def r_continuation(scoring: ScoredStages, edition: RuleEdition) -> Iterator[RuleFinding]:
    for bout in scoring.bouts(Stage.R):
        if _r_may_be_anchored(scoring, bout):
            continue
        for epoch in bout:
            if scoring.cites(epoch, "R.2"):
                yield RuleFinding(epoch, FindingLevel.WARNING, "r-continuation", R_MESSAGE)


def _r_may_be_anchored(scoring: ScoredStages, bout: range) -> bool:
    """True as well where an epoch of the bout cites nothing, or the bout meets unscored epochs."""
    if any(not scoring.rules(index) or scoring.cites(index, "R.1") for index in bout):
        return True
    return scoring.stage(bout.stop) is None


# Steps straight from W to N3 or R are rare in adults and worth a second look.


UNUSUAL_AFTER_WAKE = (Stage.N3, Stage.R)


def wake_jump(scoring: ScoredStages, edition: RuleEdition) -> Iterator[RuleFinding]:
    for epoch in scoring:
        stage = scoring.stage(epoch)
        if stage in UNUSUAL_AFTER_WAKE and scoring.stage(epoch - 1) == Stage.W:
            message = f"{stage} directly after W is unusual; look again at both epochs."
            yield RuleFinding(epoch, FindingLevel.WARNING, "wake-jump", message)


# Run all checks over a scoring.


Check = Callable[[ScoredStages, RuleEdition], Iterator[RuleFinding]]

CHECKS: tuple[Check, ...] = (
    rule_supports_stage,
    end_rule,
    movement_next_stage,
    n2_continuation,
    r_continuation,
    wake_jump,
)


def check_scoring(scores: Iterable[ScoredEpoch], edition: RuleEdition) -> list[RuleFinding]:
    """Findings of all checks, by epoch; unscored epochs are passed over."""
    scoring = ScoredStages(scores)
    return sorted(finding for check in CHECKS for finding in check(scoring, edition))
