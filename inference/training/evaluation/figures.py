"""From counts of nights to the figures of every reader, with their intervals over subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.training.evaluation.certainty import certainty_figures
from inference.training.evaluation.counting import (
    MOMENTARY,
    EventSums,
    NightCounts,
    NightSums,
    StageSums,
)
from inference.training.evaluation.estimating import Statistic, by_subject, estimates, number
from inference.training.evaluation.readers import MAJORITY
from inference.training.evaluation.results import (
    Agreement,
    Baseline,
    EventAgreement,
    EventFigures,
    Figures,
    Interval,
    LeftOutNight,
    MissingReader,
    PartFigures,
    ReaderResult,
    RhythmFigures,
    RuleAgreement,
    RuleCounts,
    StageAgreement,
    StageFigures,
    Transitions,
)
from inference.training.evaluation.rule_overlap import RuleSums
from inference.training.evaluation.running import JUDGED, EvaluatedNight
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


def stage_figures(subjects: Sequence[StageSums]) -> StageAgreement:
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
    estimated = estimates(names, len(subjects))
    return StageAgreement(
        kappa=estimated.values["kappa"],
        kappa_with_unparsed=estimated.values["kappa_with_unparsed"],
        accuracy=estimated.values["accuracy"],
        accuracy_with_unparsed=estimated.values["accuracy_with_unparsed"],
        macro_f1=estimated.values["macro_f1"],
        macro_f1_with_unparsed=estimated.values["macro_f1_with_unparsed"],
        intervals=estimated.intervals,
        unparsed=number(over(whole.all[:, -1].sum(), whole.all.sum())),
        epochs=int(whole.all.sum()),
        stages=_by_stage(whole.all, staged(whole.all)),
        stages_with_unparsed=_by_stage(whole.all, whole.all),
        transitions=Transitions(
            beside_a_change=_part(apart.beside_change), elsewhere=_part(apart.all)
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in whole.all),
    )


def _by_stage(whole: Floats, table: Floats) -> dict[str, StageFigures]:
    """Return the figures of `table`, which is the `whole` with or without unread replies."""
    columns = zip(
        STAGES,
        whole.sum(axis=-1),
        precision(table),
        recall(table),
        f1_scores(table),
        strict=True,
    )
    return {
        stage.value: StageFigures(
            epochs=int(epochs), precision=number(right), recall=number(given), f1=number(f1)
        )
        for stage, epochs, right, given, f1 in columns
    }


def _part(table: Floats) -> PartFigures:
    return PartFigures(
        epochs=int(table.sum()),
        kappa=number(kappa(staged(table))),
        accuracy=number(accuracy(staged(table))),
        kappa_with_unparsed=number(kappa(table)),
        accuracy_with_unparsed=number(accuracy(table)),
    )


def rule_figures(subjects: Sequence[RuleSums]) -> RuleAgreement:
    """Return the overlap of cited rules, over pairs in which either cites a rule."""
    stacked = RuleSums.stack(list(subjects))
    whole = stacked.drawn(np.ones(len(subjects)))
    if not whole.all.sum():
        return RuleAgreement(
            rule_iou=None, rules=RuleCounts(missing="the reference cites no rules")
        )
    names: dict[str, Statistic] = {
        "rule_iou": lambda t: _iou(stacked.drawn(t).staged),
        "rule_iou_with_unparsed": lambda t: _iou(stacked.drawn(t).all),
    }
    estimated = estimates(names, len(subjects))
    overlap, citing, empty = whole.staged
    return RuleAgreement(
        rule_iou=estimated.values["rule_iou"],
        rule_iou_with_unparsed=estimated.values["rule_iou_with_unparsed"],
        intervals=estimated.intervals,
        rules=RuleCounts(
            pairs_citing=int(citing),
            pairs_empty=int(empty),
            iou_with_empty_as_1=number(over(overlap + empty, citing + empty)),
        ),
    )


def _iou(sums: Floats) -> Floats:
    return over(sums[..., 0], sums[..., 1])


def event_figures(subjects: Sequence[EventSums]) -> EventAgreement:
    """Compare events in rationales with known events: counts, and seconds of rhythms."""
    stacked = EventSums.stack(list(subjects))
    whole = stacked.drawn(np.ones(len(subjects)))
    names: dict[str, Statistic] = {
        "event_precision": lambda t: _share(stacked, t, "claimed_right", "claimed"),
        "event_recall": lambda t: _share(stacked, t, "present_claimed", "present"),
    }
    estimated = estimates(names, len(subjects))
    momentary = zip(
        MOMENTARY,
        whole.claimed,
        whole.claimed_right,
        whole.present,
        whole.present_claimed,
        strict=True,
    )
    lasting = zip(LASTING, whole.claimed_s, whole.present_s, whole.shared_s, strict=True)
    return EventAgreement(
        event_precision=estimated.values["event_precision"],
        event_recall=estimated.values["event_recall"],
        intervals=estimated.intervals,
        events={
            kind: EventFigures(
                told=int(claimed),
                there=int(present),
                precision=number(over(right, claimed)),
                recall=number(over(present_claimed, present)),
            )
            for kind, claimed, right, present, present_claimed in momentary
        },
        rhythms={
            kind: RhythmFigures(
                told_s=round(float(claimed), 1),
                there_s=round(float(present), 1),
                precision=number(over(shared, claimed)),
                recall=number(over(shared, present)),
            )
            for kind, claimed, present, shared in lasting
        },
    )


def _share(stacked: EventSums, times: Floats, part: str, whole: str) -> Floats:
    drawn = stacked.drawn(times)
    return over(getattr(drawn, part).sum(axis=-1), getattr(drawn, whole).sum(axis=-1))


def majority_sums(subjects: Sequence[StageSums]) -> list[StageSums]:
    """Return the sums if every epoch were given the commonest stage of all."""
    whole = StageSums.stack(list(subjects)).drawn(np.ones(len(subjects)))
    commonest = int(whole.all.sum(axis=-1).argmax())
    return [
        StageSums(_all_in(sums.all, commonest), _all_in(sums.beside_change, commonest))
        for sums in subjects
    ]


def _all_in(table: Floats, column: int) -> Floats:
    moved = np.zeros_like(table)
    moved[:, column] = table.sum(axis=-1)
    return moved


@dataclass
class ReaderTotals:
    """Sums of a reader over nights."""

    sums: list[NightSums] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    answered: int = 0

    def add(self, night: NightCounts) -> None:
        """Add the counts of a night by a reference."""
        self.sums.append(night.sums)
        self.outcomes += night.outcomes
        self.stages += night.stages
        self.faults += night.faults
        self.seconds += night.seconds
        self.answered += night.answered

    def result(self, left_out: Sequence[LeftOutNight] = ()) -> ReaderResult:
        """Every figure of this reader."""
        agreement = self.agreement()
        if (
            not agreement.epochs and self.answered
        ):  # without reference stages, only replies can be counted
            unparsed = number(self.faults.total() / self.answered)
            agreement = agreement.model_copy(update={"unparsed": unparsed})
        return ReaderResult.model_validate(
            {
                **agreement.as_json(),
                "replies": self.answered,
                "said": dict(self.stages),
                "claims": dict(self.outcomes),
                "faults": dict(self.faults),
                "epochs_per_s": round(self.answered / self.seconds, 2) if self.seconds else None,
                "left_out": left_out,
            }
        )

    def agreement(self, *, without: Collection[str] = ()) -> Agreement:
        """Compare the reader with the reference, leaving out the nights in ``without``."""
        sums = [its for its in self.sums if its.night not in without]
        rules = [(its.subject, its.rules) for its in sums if its.rules]
        events = [(its.subject, its.events) for its in sums if its.events]
        return _agreement(
            sums,
            stage_figures(by_subject((its.subject, its.stages) for its in sums)),
            rule_figures(by_subject(rules)) if rules else RuleAgreement(rule_iou=None),
            certainty_figures(by_subject((its.subject, its.certainty) for its in sums)),
            *([event_figures(by_subject(events))] if events else []),
        )

    def commonest_stage(self) -> Agreement:
        """Return figures for giving every epoch the commonest stage of these nights."""
        stages = by_subject((its.subject, its.stages) for its in self.sums)
        return _agreement(self.sums, stage_figures(majority_sums(stages)))


def _agreement(sums: Sequence[NightSums], *parts: Figures) -> Agreement:
    """Merge the parts."""
    together: dict[str, object] = {}
    intervals: dict[str, Interval] = {}
    for part in parts:
        together |= part.as_json()
        intervals |= part.intervals
    return Agreement.model_validate(
        {
            **together,
            "intervals": intervals,
            "nights": len({its.night for its in sums}),
            "subjects": len({its.subject for its in sums}),
        }
    )


class Totals:
    """Adds up nights of all readers, in a fixed order, since it affects the last digits."""

    def __init__(self, readers: Sequence[str]) -> None:
        self._readers = {name: ReaderTotals() for name in readers}
        self._left_out: dict[str, list[LeftOutNight]] = {name: [] for name in readers}

    def add(self, night: EvaluatedNight) -> None:
        """Add a night, with the readers that could not read it."""
        for name, counts in night.counts.items():
            self._readers[name].add(counts)
        for name, why in night.left_out.items():
            self._left_out[name].append(LeftOutNight(night=night.stages.name, why=why))

    @property
    def evaluated(self) -> ReaderResult:
        """Figures of the evaluated bundle."""
        return self._readers[JUDGED].result()

    @property
    def baselines(self) -> dict[str, Baseline]:
        """Figures of every other reader, those of the commonest stage last."""
        others = {name: self._baseline(name) for name in self._readers if name != JUDGED}
        return {**others, MAJORITY: self._readers[JUDGED].commonest_stage()}

    def _baseline(self, name: str) -> Baseline:
        reader, left_out = self._readers[name], tuple(self._left_out[name])
        if not reader.sums:
            missing = f"it can read none of these nights: {left_out[0].why}"
            return MissingReader(missing=missing, nights=0, left_out=left_out)
        result = reader.result(left_out)
        if left_out:
            nights = {its.night for its in left_out}
            same = self._readers[JUDGED].agreement(without=nights)
            result = result.model_copy(update={"judged_on_same_nights": same})
        return result
