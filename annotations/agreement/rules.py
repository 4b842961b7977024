"""Agreement on cited rules: their overlap epoch by epoch, and kappa of every rule."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from sys import intern

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.coded import Coded
from annotations.agreement.measures import Estimate, Floats, bootstrap_of
from annotations.agreement.sheet import Sheet, SheetRow
from psg.agreement import (
    Bootstrap,
    CategorySums,
    OverlapSums,
    fleiss_kappa,
    gwet_ac,
    jaccard,
    jaccard_with_empty,
    rule_sums,
    specific_agreement,
)
from psg.rules.editions import DEFAULT_EDITION, get_edition

KINDS = ("all", "same_stage")
RULE_NAMES = ("specific_agreement", "kappa", "ac1")


@dataclass(frozen=True)
class RuleOverlap:
    """Mean overlap of the rules that two scorings cite for an epoch."""

    jaccard: Estimate
    """Over pairs of which at least one scoring cites a rule."""
    jaccard_empty_as_1: Estimate
    """Over all pairs; two scorings without a rule count as 1."""
    pairs_citing: int
    pairs_both_empty: int


@dataclass(frozen=True)
class RuleAgreement:
    """Agreement on citing a rule or not."""

    rule: str
    epochs: int
    """Epochs with two or more scorers, including a scorer who cites the rule."""
    specific_agreement: Estimate
    kappa: Estimate
    ac1: Estimate


@dataclass(frozen=True)
class RuleMeasures:
    """Agreement on rules of the scorings that cite rules."""

    scorers: tuple[str, ...]
    recordings: int
    overlap: dict[str, RuleOverlap]
    """By KINDS: all pairs of scorings, and pairs with the same stage."""
    rules: tuple[RuleAgreement, ...]


Cited = Mapping[int, Collection[str]]
"""The rules that a scoring cites anywhere, by its key."""


def rules_cited(sheet: Sheet) -> Cited:
    return {pk: list(map(intern, coded.rules)) for pk, coded in sheet.coded.items()}


def rule_measures(sheet: Sheet, cited: Cited) -> RuleMeasures | None:
    """Compare the rules of the scorings that cite rules; None where fewer than two do.

    A scoring without any rule, such as one from a stage file, is left out.

    Parameters
    ----------
    cited
        From `rules_cited`, of all scorings of the sheet.
    """
    citing = citing_only(sheet, cited)
    rule_ids = _rule_ids(citing, cited)
    if not citing.nights:
        return None
    overlaps, counts, epochs = [], [], np.zeros(len(rule_ids), dtype=np.int64)
    for part in citing.groups():
        for night in part.nights:
            codes, marks = part.codes(night), _marks(part, night, rule_ids)
            overlaps.append(OverlapSums.of(marks, codes))
            counts.append(rule_sums(marks, codes))
            epochs += marks[(codes >= 0).sum(axis=1) > 1].any(axis=1).sum(axis=0)
    bootstrap = bootstrap_of(citing.subjects)
    by_rule = _by_rule(CategorySums.stack(counts), bootstrap)
    return RuleMeasures(
        scorers=tuple(column.label for column in citing.columns),
        recordings=len(citing.nights),
        overlap=_overlap(OverlapSums.stack(overlaps), bootstrap),
        rules=tuple(
            RuleAgreement(rule=rule, epochs=int(with_rule), **of_rule)
            for rule, with_rule, of_rule in zip(rule_ids, epochs, by_rule, strict=True)
        ),
    )


def citing_only(sheet: Sheet, cited: Cited) -> Sheet:
    """Keep the scorings that cite rules, and the nights with two of them."""
    nights = []
    for night in sheet.nights:
        scorings = {k: s for k, s in night.scorings.items() if cited[s.pk]}
        if len(scorings) > 1:
            nights.append(SheetRow(night.recording, scorings))
    keys = {key for night in nights for key in night.scorings}
    return replace(sheet, nights=nights, columns=[c for c in sheet.columns if c.key in keys])


def _rule_ids(sheet: Sheet, cited: Cited) -> list[str]:
    """Return the rules that are cited anywhere, in the order of the edition."""
    rules = {r for n in sheet.nights for s in n.scorings.values() for r in cited[s.pk]}
    order = list(get_edition(DEFAULT_EDITION).rule_ids)
    return sorted(rules, key=lambda r: (order.index(r) if r in order else len(order), r))


def _marks(sheet: Sheet, night: SheetRow, rule_ids: Sequence[str]) -> NDArray[np.bool_]:
    """Return (n_epochs, n_columns, n_rules) of whether a scorer cites a rule."""
    none = Coded(np.full(night.recording.epoch_count, -1, dtype=np.int8))
    scorings = (night.scorings.get(column.key) for column in sheet.columns)
    coded = (sheet.coded[scoring.pk] if scoring else none for scoring in scorings)
    return np.stack([of_one.cited(rule_ids) for of_one in coded], axis=1)


def _overlap(sums: OverlapSums, bootstrap: Bootstrap) -> dict[str, RuleOverlap]:
    """Return the overlap by KINDS, which are the last axis of every sum."""

    def values(times: Floats) -> Floats:
        drawn = sums.drawn(times)
        return np.concatenate([jaccard(drawn), jaccard_with_empty(drawn)], axis=-1)

    plain_all, plain_same, with_all, with_same = bootstrap.intervals(values)
    return {
        kind: RuleOverlap(
            jaccard=Estimate.of(plain),
            jaccard_empty_as_1=Estimate.of(with_empty),
            pairs_citing=int(sums.citing[:, place].sum()),
            pairs_both_empty=int(sums.empty[:, place].sum()),
        )
        for place, (kind, plain, with_empty) in enumerate(
            zip(KINDS, (plain_all, plain_same), (with_all, with_same), strict=True)
        )
    }


def _by_rule(sums: CategorySums, bootstrap: Bootstrap) -> list[dict[str, Estimate]]:
    """Return the estimates of every rule by name; `sums` is of (n_nights, n_rules)."""

    def values(times: Floats) -> Floats:
        drawn = sums.drawn(times)
        citing = specific_agreement(drawn)[..., 1]
        return np.concatenate([citing, fleiss_kappa(drawn), gwet_ac(drawn)], axis=-1)

    intervals = bootstrap.intervals(values)
    count = len(intervals) // len(RULE_NAMES)
    return [
        {
            name: Estimate.of(interval)
            for name, interval in zip(RULE_NAMES, intervals[place::count], strict=True)
        }
        for place in range(count)
    ]
