"""The report on agreement of a recording or a study, for its page, the API and the command."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from annotations.agreement.caching import cached_result, key_of
from annotations.agreement.measures import (
    Floats,
    IntervalMethod,
    PairMeasures,
    PlaceMeasures,
    StageMeasures,
    bootstrap_of,
    codes_of,
    defined,
    pair_measures,
    place_measures,
    stage_measures,
    sums_by_place,
)
from annotations.agreement.rules import RuleMeasures, rule_measures
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.agreement.sleep import PairSleep, sleep_differences
from psg.agreement import (
    AgreementSums,
    ceiling,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pair_kappa,
    observed_agreement,
    weighted_kappa,
)
from psg.agreement.ceiling import Ceiling
from psg.stages import STAGES


@dataclass(frozen=True)
class ReportedScorer:
    """A scorer with what they scored; `compared` scorers count in the joint measures."""

    key: str
    label: str
    kind: str
    helped: bool
    recordings: int
    epochs: int
    compared: bool


@dataclass(frozen=True)
class RecordingAgreement:
    """Agreement on a recording; without intervals, because its epochs are not independent."""

    id: int
    recording: str
    epochs_of_night: int
    scorers: int
    epochs: int
    agreement: float | None
    mean_pairwise_kappa: float | None
    fleiss_kappa: float | None
    krippendorff_alpha: float | None
    ac1: float | None
    median_pair_kappa: float | None
    """Median, lowest and highest of Cohen's kappa of each pair of scorers."""
    lowest_pair_kappa: float | None
    highest_pair_kappa: float | None


@dataclass(frozen=True)
class HumanCeiling:
    """Published agreement between experts, each figure with its source."""

    kappa: Ceiling = ceiling.KAPPA
    kappa_two_centres: Ceiling = ceiling.KAPPA_TWO_CENTRES
    agreement: Ceiling = ceiling.AGREEMENT
    stages: dict[str, Ceiling] = field(
        default_factory=lambda: {str(stage): c for stage, c in ceiling.STAGE_AGREEMENT.items()}
    )
    all_agree: dict[str, Ceiling] = field(
        default_factory=lambda: {str(count): c for count, c in ceiling.UNANIMITY.items()}
    )


@dataclass(frozen=True)
class AgreementReport:
    """Agreement of the scorings of a sheet. Without a compared recording most parts are empty."""

    scorers: tuple[ReportedScorer, ...]
    recordings: int
    intervals: IntervalMethod
    measures: dict[str, PlaceMeasures]
    """By PLACES; empty without a recording."""
    stages: tuple[StageMeasures, ...]
    confusion: tuple[tuple[int, ...], ...]
    """(5, 5) epochs of all pairs by the stages of both, each pair in both orders; or empty."""
    pairs: tuple[PairMeasures, ...]
    rules: RuleMeasures | None
    sleep_statistics: tuple[PairSleep, ...]
    by_recording: tuple[RecordingAgreement, ...]
    human_ceiling: HumanCeiling

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "intervals": self.intervals.as_json()}


def agreement_report(sheet: Sheet, compared: Sequence[Column]) -> AgreementReport:
    """Compute how far the scorings of a sheet agree, or return the cached report.

    Parameters
    ----------
    sheet
        Scorings in view. Pairs are reported of all its columns except a consensus.
    compared
        Columns that count in the joint measures.
    """
    able = sheet.only([column for column in sheet.columns if not column.is_consensus])
    chosen = sheet.only(compared)
    key = key_of("report", [able.content, chosen.content])
    return cached_result(key, AgreementReport, lambda: _report(able, chosen))


def _report(able: Sheet, chosen: Sheet) -> AgreementReport:
    nights = codes_of(chosen)
    sums = sums_by_place(nights) if nights else {}
    bootstrap = bootstrap_of(chosen.subjects)
    return AgreementReport(
        scorers=tuple(_scorer(able, column, chosen.columns) for column in able.columns),
        recordings=len(nights),
        intervals=IntervalMethod.of(chosen.subjects),
        measures=place_measures(nights, sums, bootstrap) if nights else {},
        stages=stage_measures(nights, sums["all"].categories, bootstrap) if nights else (),
        confusion=_confusion(sums["all"]) if nights else (),
        pairs=pair_measures(able),
        rules=rule_measures(chosen),
        sleep_statistics=sleep_differences(chosen),
        by_recording=_by_recording(chosen.nights, sums["all"]) if nights else (),
        human_ceiling=HumanCeiling(),
    )


def _scorer(sheet: Sheet, column: Column, compared: Sequence[Column]) -> ReportedScorer:
    scorings = [n.scorings[column.key] for n in sheet.nights if column.key in n.scorings]
    return ReportedScorer(
        key=column.key,
        label=column.label,
        kind=column.kind,
        helped=column.helped,
        recordings=len(scorings),
        epochs=sum(sheet.coded[scoring.pk].scored_count for scoring in scorings),
        compared=column in compared,
    )


def _confusion(sums: AgreementSums) -> tuple[tuple[int, ...], ...]:
    one_way = sums.pairs.sum(axis=(0, 1))
    return tuple(tuple(row) for row in (one_way + one_way.T).astype(int).tolist())


def _by_recording(
    nights: Sequence[SheetRow], sums: AgreementSums
) -> tuple[RecordingAgreement, ...]:
    measured = [
        observed_agreement(sums.categories),
        mean_pair_kappa(sums.pairs),
        fleiss_kappa(sums.categories),
        krippendorff_alpha(sums.categories),
        gwet_ac(sums.categories),
        *_spread(weighted_kappa(sums.pairs, np.eye(len(STAGES)))),
    ]
    rows = np.stack(measured, axis=-1)
    return tuple(
        RecordingAgreement(
            night.recording.pk,
            night.recording.name,
            night.recording.epoch_count,
            len(night.scorings),
            int(epochs),
            *map(defined, row),
        )
        for night, epochs, row in zip(nights, sums.categories.paired, rows, strict=True)
    )


def _spread(kappas: Floats) -> Floats:
    """Return median, lowest and highest of (n_nights, n_pairs) kappas; (3, n_nights)."""
    spread = np.full((3, len(kappas)), np.nan)
    known = ~np.isnan(kappas).all(axis=1)
    if known.any():
        spread[:, known] = np.nanquantile(kappas[known], [0.5, 0.0, 1.0], axis=1)
    return spread
