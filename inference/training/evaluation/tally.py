"""Sums of one subject, from which every figure follows; they add up over subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.training.evaluation.answers import Answers
from inference.training.evaluation.reference import ReferenceNight
from psg.agreement import OverlapSums, at_transition
from psg.agreement.reference import tested_confusion
from psg.agreement.sums import Floats, RecordingSums
from psg.rules.editions import RuleEdition
from psg.stages import UNSCORED_CODE


@dataclass(frozen=True)
class StageSums(RecordingSums):
    """Epochs by the reference's stage and the reader's; the last column is "no stage read"."""

    all: Floats
    """(..., 5, 6)."""
    beside_change: Floats
    """Only epochs beside a change of the reference's stage; (..., 5, 6)."""


@dataclass(frozen=True)
class RuleSums(RecordingSums):
    """Overlap of the rules that reference and reader cite; the last axis is overlap, pairs of
    which at least one cites, pairs of which neither does."""

    staged: Floats
    """Epochs whose reply could be read; (..., 3)."""
    all: Floats
    """Every epoch asked for, an unread reply citing nothing; (..., 3)."""


def stage_sums(night: ReferenceNight, answers: Answers) -> StageSums:
    """Sums of a night over the epochs that were asked for."""
    reference = np.where(answers.asked, night.codes, UNSCORED_CODE)
    beside = at_transition(night.codes[:, None])
    return StageSums(
        all=tested_confusion(reference, answers.codes),
        beside_change=tested_confusion(np.where(beside, reference, UNSCORED_CODE), answers.codes),
    )


def rule_sums(night: ReferenceNight, answers: Answers, edition: RuleEdition) -> RuleSums:
    """Sums of a night; all zero where its reference cites no rules."""
    if night.rules is None:
        return RuleSums(np.zeros(3), np.zeros(3))
    said = answers.parsed
    given = [said[epoch].rules if epoch in said else () for epoch in range(len(night.rules))]
    cited = np.stack([_cited(night.rules, edition), _cited(given, edition)], axis=1)
    judged = answers.asked & (night.codes != UNSCORED_CODE)
    return RuleSums(
        staged=_overlap(cited, judged & (answers.codes != UNSCORED_CODE)),
        all=_overlap(cited, judged),
    )


def _cited(rules: Sequence[Sequence[str]], edition: RuleEdition) -> NDArray[np.bool_]:
    """Whether each epoch cites each rule; (n_epochs, n_rules)."""
    return np.array(
        [[rule in cited for rule in edition.rule_ids] for cited in rules],
        dtype=np.bool_,
    )


def _overlap(cited: NDArray[np.bool_], where: NDArray[np.bool_]) -> Floats:
    codes = np.where(where[:, None], 0, UNSCORED_CODE).repeat(2, axis=1)
    sums = OverlapSums.of(cited, codes)
    return np.array([sums.overlap[0], sums.citing[0], sums.empty[0]])
