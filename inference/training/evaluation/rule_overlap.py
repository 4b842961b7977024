"""Overlap of the rules that a reference and a reader cite, as sums over epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement import OverlapSums
from psg.agreement.sums import Floats, RecordingSums
from psg.rules.editions import RuleEdition
from psg.stages import UNSCORED_CODE


@dataclass(frozen=True)
class RuleSums(RecordingSums):
    """Overlap of the rules that reference and reader cite; the last axis is overlap, pairs in which
    either cites a rule, pairs in which neither does. Ids that no rule has count as cited."""

    staged: Floats
    """Epochs whose reply could be read; (..., 3)."""
    all: Floats
    """Every epoch that was answered, an unread reply citing nothing; (..., 3)."""


def overlap_sums(
    reference: Sequence[Sequence[str]],
    given: Sequence[Sequence[str]],
    counted: NDArray[np.bool_],
    is_read: NDArray[np.bool_],
    edition: RuleEdition,
) -> RuleSums:
    """Sums over epochs; ``counted`` has a reference and an answer, ``is_read`` a stage, (n,)."""
    # An id that no rule has is cited in vain: left out, it would raise the overlap.
    named = {rule for cited in (*reference, *given) for rule in cited}
    ids = [*edition.rule_ids, *sorted(named.difference(edition.rule_ids))]
    cited = np.stack([_cited(reference, ids), _cited(given, ids)], axis=1)
    return RuleSums(staged=_overlap(cited, counted & is_read), all=_overlap(cited, counted))


def _cited(rules: Sequence[Sequence[str]], ids: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each epoch cites each rule; (n_epochs, n_rules)."""
    return np.array(
        [[rule in cited for rule in ids] for cited in rules],
        dtype=np.bool_,
    )


def _overlap(cited: NDArray[np.bool_], where: NDArray[np.bool_]) -> Floats:
    codes = np.where(where[:, None], 0, UNSCORED_CODE).repeat(2, axis=1)
    sums = OverlapSums.of(cited, codes)
    return np.array([sums.overlap[0], sums.citing[0], sums.empty[0]])
