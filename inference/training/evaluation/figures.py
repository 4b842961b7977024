"""From sums of subjects to figures with their intervals, ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, SupportsFloat

import numpy as np

from inference.training.evaluation.events import MOMENTARY, EventSums
from inference.training.evaluation.tally import RuleSums, StageSums
from psg.agreement import Bootstrap
from psg.agreement.reference import (
    accuracy,
    f1_scores,
    kappa,
    macro_f1,
    precision,
    recall,
    staged,
)
from psg.agreement.sums import Floats, over
from psg.simulate.night import LASTING
from psg.stages import STAGES

REPLICATES = 1000
DIGITS = 4
Statistic = Callable[[Floats], Floats]


def number(value: SupportsFloat) -> float | None:
    """A figure for JSON: None where it is undefined."""
    return None if math.isnan(value) else round(float(value), DIGITS)


def stage_figures(subjects: Sequence[StageSums]) -> dict[str, Any]:
    """Agreement on stages over subjects, with intervals drawn over them."""
    stacked = StageSums.stack(list(subjects))
    whole = stacked.drawn(np.ones(len(subjects)))
    apart = StageSums(whole.all - whole.beside_change, whole.beside_change)
    names: dict[str, Statistic] = {
        "kappa": lambda t: kappa(staged(stacked.drawn(t).all)),
        "kappa_with_unparsed": lambda t: kappa(stacked.drawn(t).all),
        "accuracy": lambda t: accuracy(staged(stacked.drawn(t).all)),
        "accuracy_with_unparsed": lambda t: accuracy(stacked.drawn(t).all),
        "macro_f1": lambda t: macro_f1(staged(stacked.drawn(t).all)),
        "macro_f1_with_unparsed": lambda t: macro_f1(stacked.drawn(t).all),
    }
    return {
        **with_intervals(names, len(subjects)),
        "unparsed": number(over(whole.all[:, -1].sum(), whole.all.sum())),
        "epochs": int(whole.all.sum()),
        "stages": _by_stage(whole.all),
        "transitions": {
            "beside_a_change": _short(apart.beside_change),
            "elsewhere": _short(apart.all),
        },
        "confusion": whole.all.astype(int).tolist(),
    }


def rule_figures(subjects: Sequence[RuleSums]) -> dict[str, Any]:
    """Overlap of cited rules; ``rule_iou`` is over pairs of which at least one cites a rule."""
    stacked = RuleSums.stack(list(subjects))
    whole = stacked.drawn(np.ones(len(subjects)))
    if not whole.all.sum():
        return {"rule_iou": None, "rules": {"missing": "the reference cites no rules"}}
    names: dict[str, Statistic] = {
        "rule_iou": lambda t: _iou(stacked.drawn(t).staged),
        "rule_iou_with_unparsed": lambda t: _iou(stacked.drawn(t).all),
    }
    overlap, citing, empty = whole.staged
    return {
        **with_intervals(names, len(subjects)),
        "rules": {
            "pairs_citing": int(citing),
            "pairs_empty": int(empty),
            "iou_with_empty_as_1": number(over(overlap + empty, citing + empty)),
        },
    }


def event_figures(subjects: Sequence[EventSums]) -> dict[str, Any]:
    """Told events beside known ones: counts within a second, and seconds of rhythms."""
    stacked = EventSums.stack(list(subjects))
    whole = stacked.drawn(np.ones(len(subjects)))
    names: dict[str, Statistic] = {
        "event_precision": lambda t: _share(stacked, t, "told_right", "told"),
        "event_recall": lambda t: _share(stacked, t, "there_told", "there"),
    }
    momentary = zip(
        MOMENTARY, whole.told, whole.told_right, whole.there, whole.there_told, strict=True
    )
    lasting = zip(LASTING, whole.told_s, whole.there_s, whole.shared_s, strict=True)
    return {
        **with_intervals(names, len(subjects)),
        "events": {
            kind: {
                "told": int(told),
                "there": int(there),
                "precision": number(over(right, told)),
                "recall": number(over(found, there)),
            }
            for kind, told, right, there, found in momentary
        },
        "rhythms": {
            kind: {
                "told_s": round(float(told), 1),
                "there_s": round(float(there), 1),
                "precision": number(over(shared, told)),
                "recall": number(over(shared, there)),
            }
            for kind, told, there, shared in lasting
        },
    }


def majority_sums(subjects: Sequence[StageSums]) -> list[StageSums]:
    """The same epochs, as if every one had been given the commonest stage of all of them."""
    whole = StageSums.stack(list(subjects)).drawn(np.ones(len(subjects)))
    commonest = int(whole.all.sum(axis=-1).argmax())
    return [
        StageSums(_all_in(one.all, commonest), _all_in(one.beside_change, commonest))
        for one in subjects
    ]


def with_intervals(statistics: Mapping[str, Statistic], subjects: int) -> dict[str, Any]:
    """Each statistic, and under ``intervals`` its 95 % interval; none with one subject."""
    drawn = Bootstrap.of(subjects, replicates=REPLICATES)
    found = {name: drawn.interval(statistic) for name, statistic in statistics.items()}
    values = {name: number(one.value) for name, one in found.items()}
    intervals = {name: [number(one.low), number(one.high)] for name, one in found.items()}
    return {**values, "intervals": intervals}


def _by_stage(table: Floats) -> dict[str, Any]:
    columns = zip(
        STAGES,
        table.sum(axis=-1),
        precision(table),
        recall(table),
        f1_scores(table),
        strict=True,
    )
    return {
        stage.value: {
            "epochs": int(epochs),
            "precision": number(right),
            "recall": number(found),
            "f1": number(both),
        }
        for stage, epochs, right, found, both in columns
    }


def _short(table: Floats) -> dict[str, Any]:
    return {
        "epochs": int(table.sum()),
        "kappa": number(kappa(staged(table))),
        "accuracy": number(accuracy(staged(table))),
    }


def _iou(sums: Floats) -> Floats:
    return over(sums[..., 0], sums[..., 1])


def _share(stacked: EventSums, times: Floats, part: str, whole: str) -> Floats:
    drawn = stacked.drawn(times)
    return over(getattr(drawn, part).sum(axis=-1), getattr(drawn, whole).sum(axis=-1))


def _all_in(table: Floats, column: int) -> Floats:
    moved = np.zeros_like(table)
    moved[:, column] = table.sum(axis=-1)
    return moved
