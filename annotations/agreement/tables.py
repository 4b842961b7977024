"""Rows of the tables of a report as its page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.template.defaultfilters import floatformat

from annotations.agreement.measures import PLACES, Estimate, StageMeasures
from annotations.agreement.pairs import PairMeasures
from annotations.agreement.plots import shade_of
from annotations.agreement.report import AgreementReport, ReportedScorer
from annotations.agreement.sleep import PairSleep, SleepDifference
from annotations.templatetags.number_format import signed

PAIR = "pair/"
"""The page of a pair, from the page of agreement on: a whole address hundreds of times is long."""


@dataclass(frozen=True)
class MeasureRow:
    """A measure over all epochs, away from transitions and beside them."""

    name: str
    as_percent: bool
    places: list[Estimate]
    ceiling: float | None


@dataclass(frozen=True)
class StageRow:
    """A stage, with the published agreement of experts on it; None where not published."""

    measures: StageMeasures
    ceiling: float | None


@dataclass(frozen=True)
class Cell:
    """A cell of a long table, with words for the pointer."""

    text: str
    title: str
    shade: int = 0
    address: str = ""
    """Where it leads, from the page on; empty where there is nothing to open."""


@dataclass(frozen=True)
class MatrixRow:
    """A scorer against every other."""

    scorer: ReportedScorer
    cells: list[Cell]


@dataclass(frozen=True)
class SleepRow:
    """The mean differences of a pair in every sleep statistic."""

    pair: PairSleep
    cells: list[Cell]


def measure_rows(report: AgreementReport) -> list[MeasureRow]:
    if not report.measures:
        return []
    human = report.human_ceiling
    kappa = human.kappa.value
    rows = [
        ("agreement", "Agreement of two scorers", True, human.agreement.value),
        ("mean_pairwise_kappa", "Cohen’s kappa, mean of pairs", False, kappa),
        ("fleiss_kappa", "Fleiss’ kappa", False, kappa),
        ("krippendorff_alpha", "Krippendorff’s alpha", False, None),
        ("ac1", "Gwet’s AC1", False, None),
    ]
    return [
        MeasureRow(name, percent, [getattr(report.measures[p], key) for p in PLACES], ceiling)
        for key, name, percent, ceiling in rows
    ]


def stage_rows(report: AgreementReport) -> list[StageRow]:
    human = report.human_ceiling.stages
    return [
        StageRow(row, human[row.stage].value if row.stage in human else None)
        for row in report.stages
    ]


def matrix_of(report: AgreementReport, query: str) -> list[MatrixRow]:
    """Return kappa of every scorer with every other; `query` is what links carry on.

    Cells are made here, because a template takes several times as long for hundreds of them.
    """
    cells = {frozenset(pair.keys): _kappa_cell(pair) for pair in report.pairs}
    alone = Cell("·", "")
    return [
        MatrixRow(
            scorer,
            [
                _linked(cells.get(frozenset((scorer.key, other.key)), alone), scorer, other, query)
                for other in report.scorers
            ],
        )
        for scorer in report.scorers
    ]


def _kappa_cell(pair: PairMeasures) -> Cell:
    if not pair.recordings:
        return Cell("none", "No common epochs")
    title = f"{pair.epochs} epochs"
    if pair.recordings > 1:
        title += f", {pair.recordings} recordings"
    low, high = pair.kappa_interval
    if low is not None and high is not None:
        title += f", {low:.2f}–{high:.2f}"
    text = floatformat(pair.kappa, "2u") or "undefined"
    return Cell(text, title, shade_of(pair.kappa), PAIR)


def _linked(cell: Cell, scorer: ReportedScorer, other: ReportedScorer, query: str) -> Cell:
    if not cell.address:
        return cell
    kept = f"{query}&" if query else ""
    return replace(cell, address=f"{cell.address}?{kept}a={scorer.key}&b={other.key}")


def sleep_rows(pairs: Iterable[PairSleep]) -> list[SleepRow]:
    return [SleepRow(pair, [_bias_cell(s) for s in pair.statistics]) for pair in pairs]


def _bias_cell(difference: SleepDifference) -> Cell:
    low, high = difference.lower_limit.value, difference.upper_limit.value
    title = ""
    if low is not None and high is not None:
        title = f"95 % of differences: {signed(low)} to {signed(high)}"
        title += f", {difference.recordings} recordings"
    return Cell(signed(difference.bias.value) or "none", title)
