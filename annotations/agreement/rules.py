"""Which rules scorers cite: overlap epoch by epoch, and kappa of every rule."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import Floats, bootstrap_of, told
from annotations.agreement.sheet import Coded, Sheet, SheetRow
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


def rule_measures(sheet: Sheet) -> dict[str, Any] | None:
    """Compare the rules of the scorings that cite any; None where fewer than two do.

    A scoring that cites none at all, such as one from a stage file, was not asked for rules.
    """
    citing = citing_only(sheet)
    rule_ids = _rule_ids(citing)
    if not citing.nights:
        return None
    overlaps, counts, epochs = [], [], np.zeros(len(rule_ids), dtype=np.int64)
    for night in citing.nights:
        codes = citing.codes(night)
        cited = np.stack(
            [_cited(citing, night.scorings.get(c.key), codes, rule_ids) for c in citing.columns],
            axis=1,
        )
        overlaps.append(OverlapSums.of(cited, codes))
        counts.append(rule_sums(cited, codes))
        epochs += cited[(codes >= 0).sum(axis=1) > 1].any(axis=1).sum(axis=0)
    bootstrap = bootstrap_of(citing.subjects)
    return {
        "scorers": [column.label for column in citing.columns],
        "recordings": len(citing.nights),
        "overlap": _overlap(OverlapSums.stack(overlaps), bootstrap),
        "rules": [
            {"rule": rule, "epochs": int(epochs[place]), **told}
            for place, (rule, told) in enumerate(
                zip(rule_ids, _by_rule(CategorySums.stack(counts), bootstrap), strict=True)
            )
        ],
    }


def citing_only(sheet: Sheet) -> Sheet:
    """Keep the scorings that cite rules, and the nights with two of them."""
    nights = []
    for night in sheet.nights:
        scorings = {k: s for k, s in night.scorings.items() if sheet.coded[s.pk].rules}
        if len(scorings) > 1:
            nights.append(SheetRow(night.recording, scorings))
    keys = {key for night in nights for key in night.scorings}
    columns = [column for column in sheet.columns if column.key in keys]
    return Sheet(nights, columns, sheet.open_count, sheet.read)


def _rule_ids(sheet: Sheet) -> list[str]:
    """Those cited anywhere, in the order of the edition."""
    found = {r for n in sheet.nights for s in n.scorings.values() for r in sheet.coded[s.pk].rules}
    order = list(get_edition(DEFAULT_EDITION).rule_ids)
    return sorted(found, key=lambda r: (order.index(r) if r in order else len(order), r))


def _cited(
    sheet: Sheet, scoring: Any, codes: NDArray[np.int8], rule_ids: Sequence[str]
) -> NDArray[np.bool_]:
    coded = sheet.coded[scoring.pk] if scoring else Coded(codes[:, 0])
    return coded.cited(rule_ids)


def _overlap(sums: OverlapSums, bootstrap: Bootstrap) -> dict[str, Any]:
    """The last axis of every sum is all pairs, and those of the same stage."""

    def values(times: Floats) -> Floats:
        drawn = sums.drawn(times)
        return np.concatenate([jaccard(drawn), jaccard_with_empty(drawn)], axis=-1)

    plain_all, plain_same, with_all, with_same = bootstrap.intervals(values)
    return {
        kind: {
            "jaccard": told(plain),
            "jaccard_empty_as_1": told(with_empty),
            "pairs_citing": int(sums.citing[:, place].sum()),
            "pairs_both_empty": int(sums.empty[:, place].sum()),
        }
        for place, (kind, plain, with_empty) in enumerate(
            zip(KINDS, (plain_all, plain_same), (with_all, with_same), strict=True)
        )
    }


def _by_rule(sums: CategorySums, bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """`sums` has the nights first, then the rules."""

    def values(times: Floats) -> Floats:
        drawn = sums.drawn(times)
        citing = specific_agreement(drawn)[..., 1]
        return np.concatenate([citing, fleiss_kappa(drawn), gwet_ac(drawn)], axis=-1)

    intervals = bootstrap.intervals(values)
    count = len(intervals) // len(RULE_NAMES)
    return [
        {name: told(one) for name, one in zip(RULE_NAMES, intervals[place::count], strict=True)}
        for place in range(count)
    ]
