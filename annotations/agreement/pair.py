"""The report on two scorers, the second as reference: for its page, the API and the command."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import (
    PLACES,
    Codes,
    Estimate,
    Floats,
    IntervalMethod,
    at_place,
    bootstrap_of,
    codes_of,
    defined,
    estimates,
)
from annotations.agreement.rules import RuleMeasures, rule_measures, rules_cited
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.agreement.sleep import SleepDifferenceByNight, pair_differences
from psg.agreement import Bootstrap, CategorySums, category_counts, gwet_ac, reference
from psg.stages import STAGES

NAMES = (
    "accuracy",
    "kappa",
    "macro_f1",
    "accuracy_unparsed_wrong",
    "kappa_unparsed_wrong",
    "macro_f1_unparsed_wrong",
    "ac1",
)
STAGE_NAMES = ("recall", "precision", "f1", "recall_unparsed_wrong", "f1_unparsed_wrong")


@dataclass(frozen=True)
class PairScorer:
    """The tested scorer or the reference."""

    key: str
    label: str
    kind: str

    @classmethod
    def of(cls, column: Column) -> "PairScorer":
        return cls(column.key, column.label, column.kind)


@dataclass(frozen=True)
class ReferenceMeasures:
    """Measures of the tested scorer over the epochs of one of the PLACES.

    An epoch that the reference staged and the tested scorer did not is "not staged": for a model,
    a reply that could not be read. Measures leave such epochs out; those with `unparsed_wrong`
    count them as wrong.
    """

    epochs: int
    """Epochs that both staged."""
    not_staged: int
    accuracy: Estimate
    kappa: Estimate
    macro_f1: Estimate
    accuracy_unparsed_wrong: Estimate
    kappa_unparsed_wrong: Estimate
    macro_f1_unparsed_wrong: Estimate
    ac1: Estimate


@dataclass(frozen=True)
class ReferenceStage:
    """A stage over the epochs that both staged; `unparsed_wrong` as in ReferenceMeasures.

    An epoch without a stage is given to no stage, so precision is the same either way.
    """

    stage: str
    reference: int
    """Epochs of this stage by the reference."""
    tested: int
    """Epochs of this stage by the tested scorer."""
    recall: Estimate
    precision: Estimate
    f1: Estimate
    recall_unparsed_wrong: Estimate
    f1_unparsed_wrong: Estimate


@dataclass(frozen=True)
class ReferenceRecording:
    """Measures of the tested scorer on a recording, without intervals."""

    id: int
    recording: str
    epochs: int
    not_staged: int
    accuracy: float | None
    kappa: float | None
    macro_f1: float | None


@dataclass(frozen=True)
class Comparison:
    """What two scorers with recordings in common have in common and apart."""

    epochs: int
    """Epochs that both staged."""
    not_staged: int
    without_reference: int
    """Epochs that only the tested scorer staged; they count nowhere."""
    measures: dict[str, ReferenceMeasures]
    """By PLACES; transitions are those of the reference."""
    stages: tuple[ReferenceStage, ...]
    confusion: tuple[tuple[int, ...], ...]
    """(5, 6) epochs by stage of the reference and of the tested scorer; the last: no stage."""
    rules: RuleMeasures | None
    sleep_statistics: tuple[SleepDifferenceByNight, ...]
    by_recording: tuple[ReferenceRecording, ...]


@dataclass(frozen=True)
class PairReport:
    """How the scorer `tested` compares with the scorer `reference`."""

    tested: PairScorer
    reference: PairScorer
    recordings: int
    intervals: IntervalMethod
    comparison: Comparison | None
    """None without a recording in common."""

    def as_json(self) -> dict[str, object]:
        """Return the fields, those of the comparison beside the others."""
        fields = asdict(self)
        comparison = fields.pop("comparison") or {}
        return {**fields, **comparison, "intervals": self.intervals.as_json()}


def pair_report(sheet: Sheet, tested: Column, by: Column) -> PairReport:
    """Compare `tested` with the reference `by`."""
    both = sheet.only([tested, by])
    return PairReport(
        tested=PairScorer.of(tested),
        reference=PairScorer.of(by),
        recordings=len(both.nights),
        intervals=IntervalMethod.of(both.subjects),
        comparison=_comparison(both, tested, by) if both.nights else None,
    )


def _comparison(sheet: Sheet, tested: Column, by: Column) -> Comparison:
    nights = codes_of(sheet)
    tables = [_tables(nights, place) for place in PLACES]
    bootstrap = bootstrap_of(sheet.subjects)
    whole = tables[0].sum(axis=0)
    return Comparison(
        epochs=int(reference.staged(whole).sum()),
        not_staged=int(whole[:, reference.NOT_STAGED].sum()),
        without_reference=int(sum(((n[:, 1] < 0) & (n[:, 0] >= 0)).sum() for n in nights)),
        measures={
            place: _measures(part, [at_place(n, place, n[:, 1:]) for n in nights], bootstrap)
            for place, part in zip(PLACES, tables, strict=True)
        },
        stages=_stages(tables[0], bootstrap),
        confusion=tuple(tuple(row) for row in whole.astype(int).tolist()),
        rules=rule_measures(sheet, rules_cited(sheet)),
        sleep_statistics=pair_differences(sheet, tested, by),
        by_recording=tuple(map(_by_recording, sheet.nights, tables[0])),
    )


def _tables(nights: list[Codes], place: str) -> Floats:
    """Return (n_nights, 5, 6) confusions; transitions are those of the reference alone."""
    parts = [at_place(night, place, night[:, 1:]) for night in nights]
    return np.stack([reference.tested_confusion(part[:, 1], part[:, 0]) for part in parts])


def _measures(
    tables: Floats, codes: Sequence[NDArray[np.int64]], bootstrap: Bootstrap
) -> ReferenceMeasures:
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
                reference.macro_f1(drawn),
                gwet_ac(sums.drawn(times)),
            ],
            axis=-1,
        )

    whole = tables.sum(axis=0)
    return ReferenceMeasures(
        epochs=int(reference.staged(whole).sum()),
        not_staged=int(whole[:, reference.NOT_STAGED].sum()),
        **estimates(NAMES, bootstrap, values),
    )


def _stages(tables: Floats, bootstrap: Bootstrap) -> tuple[ReferenceStage, ...]:
    def values(times: Floats) -> Floats:
        drawn = np.tensordot(times, tables, axes=1)
        staged = reference.staged(drawn)
        parts = [
            reference.recall(staged),
            reference.precision(staged),
            reference.f1_scores(staged),
            reference.recall(drawn),
            reference.f1_scores(drawn),
        ]
        return np.concatenate(parts, axis=-1)

    intervals = bootstrap.intervals(values)
    whole = reference.staged(tables.sum(axis=0))
    return tuple(
        ReferenceStage(
            stage=str(stage),
            reference=int(whole[code].sum()),
            tested=int(whole[:, code].sum()),
            # The intervals come measure by measure, each over all stages.
            **{
                name: Estimate.of(interval)
                for name, interval in zip(STAGE_NAMES, intervals[code :: len(STAGES)], strict=True)
            },
        )
        for code, stage in enumerate(STAGES)
    )


def _by_recording(night: SheetRow, table: Floats) -> ReferenceRecording:
    recording, staged = night.recording, reference.staged(table)
    return ReferenceRecording(
        id=recording.pk,
        recording=recording.name,
        epochs=int(staged.sum()),
        not_staged=int(table[:, reference.NOT_STAGED].sum()),
        accuracy=defined(float(reference.accuracy(staged))),
        kappa=defined(float(reference.kappa(staged))),
        macro_f1=defined(float(reference.macro_f1(staged))),
    )
