"""What adds up of one reader over nights, and the figures that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inference.training.evaluation.answers import Answers
from inference.training.evaluation.events import EventSums, event_sums
from inference.training.evaluation.figures import (
    event_figures,
    majority_sums,
    number,
    rule_figures,
    stage_figures,
)
from inference.training.evaluation.reference import ReferenceNight
from inference.training.evaluation.tally import RuleSums, StageSums, rule_sums, stage_sums
from inference.training.evaluation.verdicts import verdict_counts
from psg.claims import MeasuredNight
from psg.rules.editions import RuleEdition


@dataclass(frozen=True)
class NightSums:
    """Sums of one night by one reference; rules and events where there are any to judge."""

    night: str
    subject: str
    stages: StageSums
    rules: RuleSums | None
    events: EventSums | None


@dataclass(frozen=True)
class NightJudgement:
    """What adds up of one reader in one night, by one reference."""

    sums: NightSums
    verdicts: Counter[str]
    said: Counter[str]
    faults: Counter[str]
    seconds: float
    answered: int


def judge_night(
    night: ReferenceNight,
    answers: Answers,
    measured: MeasuredNight,
    *,
    edition: RuleEdition,
    gives_words: bool,
) -> NightJudgement:
    """Compare the answers to a night with its reference, and their words with the signal."""
    return NightJudgement(
        sums=NightSums(
            night=night.night.key,
            subject=night.subject,
            stages=stage_sums(night, answers),
            rules=rule_sums(night, answers, edition) if gives_words else None,
            events=event_sums(night, answers) if gives_words else None,
        ),
        verdicts=verdict_counts(measured, answers) if gives_words else Counter(),
        said=Counter(reply.stage.value for reply in answers.parsed.values()),
        faults=answers.faults,
        seconds=answers.seconds,
        answered=len(answers.by_epoch),
    )


@dataclass
class Judgement:
    """All that adds up of one reader over nights."""

    sums: list[NightSums] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    answered: int = 0

    def add(self, one: NightJudgement) -> None:
        self.sums.append(one.sums)
        self.verdicts += one.verdicts
        self.said += one.said
        self.faults += one.faults
        self.seconds += one.seconds
        self.answered += one.answered

    def figures(self) -> dict[str, Any]:
        """Every figure of this reader, ready for JSON."""
        found = self.agreement()
        if not found["epochs"] and self.answered:  # nights without stages: the replies are known
            found["unparsed"] = number(self.faults.total() / self.answered)
        return {
            **found,
            "replies": self.answered,
            "said": dict(self.said),
            "claims": dict(self.verdicts),
            "faults": dict(self.faults),
            "epochs_per_s": round(self.answered / self.seconds, 2) if self.seconds else None,
        }

    def agreement(self, *, without: Collection[str] = ()) -> dict[str, Any]:
        """What compares the reader with the reference, over all nights but some."""
        sums = [one for one in self.sums if one.night not in without]
        found = stage_figures(by_subject((one.subject, one.stages) for one in sums))
        for figures_of, pairs in (
            (rule_figures, [(one.subject, one.rules) for one in sums if one.rules]),
            (event_figures, [(one.subject, one.events) for one in sums if one.events]),
        ):
            more = figures_of(by_subject(pairs)) if pairs else {}
            found["intervals"] |= more.pop("intervals", {})
            found |= more
        return {"rule_iou": None, **found, **_counts(sums)}

    def commonest_stage(self) -> dict[str, Any]:
        """Figures of whoever says the commonest stage of these nights for every epoch."""
        stages = by_subject((one.subject, one.stages) for one in self.sums)
        return {**stage_figures(majority_sums(stages)), **_counts(self.sums)}


def by_subject(sums: Iterable[tuple[str, Any]]) -> list[Any]:
    """Add up the nights of each subject, given with their subjects."""
    nights_of: dict[str, list[Any]] = {}
    for subject, one in sums:
        nights_of.setdefault(subject, []).append(one)
    return [type(its[0]).stack(its).drawn(np.ones(len(its))) for its in nights_of.values()]


def _counts(sums: Sequence[NightSums]) -> dict[str, int]:
    return {
        "nights": len({one.night for one in sums}),
        "subjects": len({one.subject for one in sums}),
    }
