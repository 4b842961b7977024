"""Plots and shaded tables of agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.urls import reverse

from annotations.agreement.measures import Estimate
from annotations.agreement.pair import PairReport
from annotations.agreement.report import AgreementReport
from psg.agreement.ceiling import KAPPA
from psg.stages import STAGES
from studies.plots import Line, Plot, Row

EXPERTS = Line(f"Experts {KAPPA.value:.2f}", KAPPA.value)
STEPS = 10
TABLE = "nights"
"""The id of the table that has the numbers of the plots."""


def shade_of(share: float | None) -> int:
    """Return how dark a cell is, 0 to STEPS; the cell has the number as well."""
    return round(STEPS * min(max(share or 0.0, 0.0), 1.0))


@dataclass(frozen=True)
class ConfusionCell:
    """The epochs of a row to which the other scorer gave `stage`."""

    stage: str
    count: int
    share: float | None
    """Of the epochs of the row."""

    @property
    def shade(self) -> int:
        return shade_of(self.share)


@dataclass(frozen=True)
class ConfusionRow:
    """The epochs of a stage by one scorer, such as the reference."""

    stage: str
    total: int
    cells: list[ConfusionCell]


def confusion_rows(
    confusion: Sequence[Sequence[int]], columns: Sequence[str] = STAGES
) -> list[ConfusionRow]:
    """Return the rows of a table of counts, a row for each of STAGES."""
    return [
        ConfusionRow(
            stage=str(stage),
            total=sum(counts),
            cells=[
                ConfusionCell(str(name), count, count / sum(counts) if sum(counts) else None)
                for name, count in zip(columns, counts, strict=True)
            ],
        )
        for stage, counts in zip(STAGES, confusion, strict=False)
    ]


def kappas_by_night(report: AgreementReport, query: str) -> Plot:
    """The median kappa of all pairs in each recording, from the lowest to the highest pair."""
    rows = [
        _row(
            night.recording,
            night.median_pair_kappa,
            (night.lowest_pair_kappa, night.highest_pair_kappa),
            reverse("annotations:recording-agreement", args=[night.id]),
        )
        for night in report.by_recording
        if night.median_pair_kappa is not None
    ]
    mean = report.measures["all"].mean_pairwise_kappa if report.measures else None
    return _forest(
        rows,
        note="Cohen’s kappa: median of the pairs of scorers, from the lowest to the highest pair."
        " Recordings from the lowest median. The band is the 95 % interval of the mean of pairs"
        " over all recordings.",
        overall=mean,
        query=query,
    )


def kappas_with_reference(report: PairReport, query: str) -> Plot:
    """Kappa of a scorer with the reference in each recording."""
    comparison = report.comparison
    nights = comparison.by_recording if comparison else ()
    rows = [
        _row(
            night.recording,
            night.kappa,
            (None, None),
            reverse("annotations:recording-pair", args=[night.id]),
        )
        for night in nights
        if night.kappa is not None
    ]
    return _forest(
        rows,
        note="Cohen’s kappa of the two scorers. Recordings from the lowest. The band is the 95 %"
        " interval over all recordings.",
        overall=comparison.measures["all"].kappa if comparison else None,
        query=query,
    )


def _row(label: str, value: float, ends: tuple[float | None, float | None], address: str) -> Row:
    low, high = (None if end is None else round(end, 3) for end in ends)
    shown = f"{value:.2f}" if low is None else f"{value:.2f} ({low:.2f} to {high:.2f})"
    return Row(label, round(value, 3), shown, address, low, high)


def _forest(rows: list[Row], *, note: str, overall: Estimate | None, query: str) -> Plot:
    rows.sort(key=lambda row: row.value)
    title = "No kappa of recordings is defined"
    if rows:
        title = f"Median kappa {median(row.value for row in rows):.2f} in {len(rows)} recordings"
        title = title.removesuffix("s") if len(rows) == 1 else title
    if len(rows) > 1:
        title += f", lowest {rows[0].value:.2f}"
    lines = [EXPERTS]
    if overall is not None and overall.value is not None:
        text = f"All recordings {overall.value:.2f}"
        lines.append(Line(text, overall.value, overall.low, overall.high))
    lows = [row.value if row.low is None else row.low for row in rows]
    return Plot(
        kind="ranges",
        title=title,
        note=note,
        label="Recording",
        unit="kappa",
        rows=rows,
        low=min([0.0, *lows]),
        high=1,
        lines=lines,
        table=TABLE,
        suffix=f"?{query}" if query else "",
    )
