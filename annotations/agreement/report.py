"""The report on agreement of a recording or a study, for its page, the API and the command."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from annotations.agreement.measures import (
    Floats,
    IntervalMethod,
    PlaceMeasures,
    SheetSums,
    StageMeasures,
    bootstrap_of,
    codes_of,
    defined,
    place_measures,
    stage_measures,
)
from annotations.agreement.pairs import PairMeasures, night_tables, pair_measures
from annotations.agreement.rules import Cited, RuleMeasures, rule_measures, rules_cited
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.agreement.sleep import PairSleep, sleep_differences, statistics_by_scoring
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


def agreement_report(
    sheet: Sheet,
    compared: Sequence[Column],
    *,
    on_nights: Callable[[int], object] = lambda done: None,
) -> AgreementReport:
    """Compute how far the scorings of a sheet agree.

    Parameters
    ----------
    sheet
        Scorings in view. Pairs are reported of all its columns except a consensus.
    compared
        Columns that count in the joint measures.
    on_nights
        Called with how many nights were read.
    """
    able = sheet.only([column for column in sheet.columns if not column.is_consensus])
    chosen = able.only(compared)
    read = _read(able, chosen, on_nights)
    bootstrap = bootstrap_of(chosen.subjects)
    sums = read.sums
    return AgreementReport(
        scorers=tuple(_scorer(able, column, chosen.columns, read) for column in able.columns),
        recordings=len(chosen.nights),
        intervals=IntervalMethod.of(chosen.subjects),
        measures=place_measures(sums, bootstrap) if sums else {},
        stages=stage_measures(sums, bootstrap) if sums else (),
        confusion=_confusion(sums.places["all"]) if sums else (),
        pairs=pair_measures(able, read.tables),
        rules=rule_measures(chosen, read.cited),
        sleep_statistics=sleep_differences(chosen, read.statistics),
        by_recording=_by_recording(chosen.nights, sums.places["all"]) if sums else (),
        human_ceiling=HumanCeiling(),
    )


@dataclass(frozen=True)
class _Read:
    """What a report needs of the epochs: of each night its sums, of each scoring its numbers."""

    sums: SheetSums | None
    """Of the compared columns; None without a night."""
    tables: Floats
    """Of all pairs; see `night_tables`."""
    scored: dict[int, int]
    statistics: dict[int, Floats]
    cited: Cited


def _read(able: Sheet, chosen: Sheet, on_nights: Callable[[int], object]) -> _Read:
    """Read the epochs in groups of nights; no number depends on the groups."""
    sums, tables, done = [], [], 0
    scored: dict[int, int] = {}
    statistics: dict[int, Floats] = {}
    cited: dict[int, Collection[str]] = {}
    same = able.columns == chosen.columns
    for group in able.groups():
        of_chosen = group.only(chosen.columns)
        if of_chosen.nights:
            sums.append(SheetSums.of(codes_of(of_chosen)))
        if not same:
            tables.append(night_tables(group))
        scored |= {pk: coded.scored_count for pk, coded in group.coded.items()}
        statistics |= statistics_by_scoring(of_chosen)
        cited |= rules_cited(of_chosen)
        done += len(group.nights)
        on_nights(done)
    joined = SheetSums.joined(sums) if sums else None
    of_all = joined.places["all"].pairs if joined else night_tables(chosen)
    return _Read(
        sums=joined,
        tables=of_all if same else np.concatenate(tables),
        scored=scored,
        statistics=statistics,
        cited=cited,
    )


def _scorer(
    sheet: Sheet, column: Column, compared: Sequence[Column], read: _Read
) -> ReportedScorer:
    scorings = [n.scorings[column.key] for n in sheet.nights if column.key in n.scorings]
    return ReportedScorer(
        key=column.key,
        label=column.label,
        kind=column.kind,
        helped=column.helped,
        recordings=len(scorings),
        epochs=sum(read.scored[scoring.pk] for scoring in scorings),
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
