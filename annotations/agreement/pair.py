"""One scorer judged by another: a model by an expert, by the consensus, or by another model."""

from typing import Any

import numpy as np

from annotations.agreement.caching import key_of, remembered
from annotations.agreement.measures import (
    PLACES,
    Codes,
    Floats,
    about_intervals,
    at_place,
    bootstrap_of,
    codes_of,
    known,
    told,
    told_all,
)
from annotations.agreement.rules import rule_measures
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.agreement.sleep import pair_differences
from psg.agreement import Bootstrap, CategorySums, category_counts, gwet_ac, reference
from psg.stages import STAGES

NAMES = ("accuracy", "kappa", "macro_f1", "accuracy_unparsed_wrong", "kappa_unparsed_wrong", "ac1")
STAGE_NAMES = ("recall", "precision", "f1")


def pair_report(sheet: Sheet, tested: Column, by: Column) -> dict[str, Any]:
    """Everything about how `tested` compares with the reference `by`, as plain values.

    An epoch that the reference staged and `tested` did not is "not staged": for a model, a reply
    that could not be read. Measures come without such epochs, and with them counted as wrong.
    """
    both = sheet.only([tested, by])
    key = key_of("pair", both.content)
    return remembered(key, lambda: _report(both, tested, by))


def _report(sheet: Sheet, tested: Column, by: Column) -> dict[str, Any]:
    nights = codes_of(sheet)
    tables = [_tables(nights, place) for place in PLACES]
    bootstrap = bootstrap_of(sheet.subjects)
    head = {
        "tested": _scorer(tested),
        "reference": _scorer(by),
        "recordings": len(nights),
        "intervals": about_intervals(sheet.subjects),
    }
    if not nights:
        return head
    whole = tables[0].sum(axis=0)
    return {
        **head,
        "epochs": int(reference.staged(whole).sum()),
        "not_staged": int(whole[:, reference.NOT_STAGED].sum()),
        "without_reference": int(sum(((n[:, 1] < 0) & (n[:, 0] >= 0)).sum() for n in nights)),
        "measures": {
            place: _measures(part, [at_place(n, place, n[:, 1:]) for n in nights], bootstrap)
            for place, part in zip(PLACES, tables, strict=True)
        },
        "stages": _stages(tables[0], bootstrap),
        "confusion": whole.astype(int).tolist(),
        "rules": rule_measures(sheet),
        "sleep_statistics": pair_differences(sheet, tested, by),
        "by_recording": [
            _by_recording(night, table)
            for night, table in zip(sheet.nights, tables[0], strict=True)
        ],
    }


def _scorer(column: Column) -> dict[str, str]:
    return {"key": column.key, "label": column.label, "kind": column.kind}


def _tables(nights: list[Codes], place: str) -> Floats:
    """(n_nights, 5, 6); transitions are those of the reference alone."""
    parts = [at_place(night, place, night[:, 1:]) for night in nights]
    return np.stack([reference.tested_confusion(part[:, 1], part[:, 0]) for part in parts])


def _measures(tables: Floats, codes: list[Any], bootstrap: Bootstrap) -> dict[str, Any]:
    counts = [CategorySums.of(category_counts(part, len(STAGES))) for part in codes]
    sums = CategorySums.stack(counts)

    def values(times: Floats) -> Floats:
        drawn = np.tensordot(times, tables, axes=1)
        staged = reference.staged(drawn)
        return np.stack(
            [
                reference.accuracy(staged),
                reference.kappa(staged),
                reference.macro_f1(staged),
                reference.accuracy(drawn),
                reference.kappa(drawn),
                gwet_ac(sums.drawn(times)),
            ],
            axis=-1,
        )

    whole = tables.sum(axis=0)
    return {
        "epochs": int(reference.staged(whole).sum()),
        "not_staged": int(whole[:, reference.NOT_STAGED].sum()),
        **told_all(NAMES, bootstrap, values),
    }


def _stages(tables: Floats, bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """Of the epochs that both staged."""

    def values(times: Floats) -> Floats:
        drawn = reference.staged(np.tensordot(times, tables, axes=1))
        parts = [reference.recall(drawn), reference.precision(drawn), reference.f1_scores(drawn)]
        return np.concatenate(parts, axis=-1)

    intervals = bootstrap.intervals(values)
    whole = reference.staged(tables.sum(axis=0))
    return [
        {
            "stage": str(stage),
            "reference": int(whole[place].sum()),
            "tested": int(whole[:, place].sum()),
            **{
                name: told(one)
                for name, one in zip(STAGE_NAMES, intervals[place :: len(STAGES)], strict=True)
            },
        }
        for place, stage in enumerate(STAGES)
    ]


def _by_recording(night: SheetRow, table: Floats) -> dict[str, Any]:
    recording, staged = night.recording, reference.staged(table)
    return {
        "id": recording.pk,
        "recording": recording.name,
        "epochs": int(staged.sum()),
        "not_staged": int(table[:, reference.NOT_STAGED].sum()),
        "accuracy": known(float(reference.accuracy(staged))),
        "kappa": known(float(reference.kappa(staged))),
        "macro_f1": known(float(reference.macro_f1(staged))),
    }
