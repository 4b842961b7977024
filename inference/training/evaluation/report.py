"""The report: a single HTML file that needs no other files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from inference.training.evaluation import charts
from inference.training.evaluation.charts import read_curves
from inference.training.evaluation.results import (
    Agreement,
    Baseline,
    Evaluation,
    MissingReader,
    Transitions,
)
from inference.training.evaluation.running import JUDGED, NightStages
from inference.training.evaluation.table import COLUMNS, left_out, shown, shown_interval
from psg.agreement import ceiling
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.agreement.coverage import coverage_words

_PAGE = Path(__file__).with_name("report.html")
SIMULATED = (
    "These nights are simulated. A kappa on them is not a clinical kappa: it shows how well the"
    " model reads the simulator, and nothing about patients."
)


def report(result: Evaluation, nights: Sequence[NightStages], curves: Path | None) -> str:
    """Return the page as text."""
    parts = [
        *_figures(result),
        *_nights(nights),
        *(_curves(curves) if curves is not None else ()),
    ]
    return Template(_PAGE.read_text("utf-8")).substitute(
        title=escape(f"{result.title}, version {result.version}"),
        about=escape(_about(result)),
        notice=SIMULATED if "simulated" in result.on else "",
        table=_table(result.with_same_nights),
        left_out="".join(f"<p>{escape(line)}</p>" for line in left_out(result)),
        ceiling=escape(f"{ceiling.KAPPA.source}; {ceiling.KAPPA_TWO_CENTRES.source}"),
        parts="\n".join(parts),
        plotly=get_plotlyjs(),
    )


def _about(result: Evaluation) -> str:
    few = result.subjects < FEWEST_FOR_HONEST_INTERVALS
    return (
        f"{result.on}: {result.subjects} subjects, {result.epochs} epochs."
        " Intervals are drawn over subjects"
        + (f"; below {FEWEST_FOR_HONEST_INTERVALS} subjects they run narrow." if few else ".")
        + f" {coverage_words(result.subjects, 'kappa')}".rstrip()
    )


def _figures(result: Evaluation) -> Iterator[str]:
    if result.epochs:
        same_nights = _with_figures(result.with_same_nights)
        yield _section("Kappa of every reader of these nights", charts.kappas(same_nights))
        yield _section("Which stage is taken for which", charts.confusion(result.confusion))
        yield _section("F1 by stage", charts.stage_f1(_with_figures(result.readers)))
        yield _transitions(result.transitions)
    if result.certainty:
        yield _section("Is a stage as often right as it is probable?", charts.reliability(result))
    if result.events:
        yield _section(
            "Events claimed within a second of a known event", charts.events(result.events)
        )


def _with_figures(readers: Mapping[str, Baseline]) -> dict[str, Agreement]:
    return {name: reader for name, reader in readers.items() if isinstance(reader, Agreement)}


def _nights(nights: Sequence[NightStages]) -> Iterator[str]:
    """Yield the nights of the best, the median and the worst agreement."""
    ordered = sorted(nights, key=_agreement, reverse=True)
    places = dict.fromkeys((0, len(ordered) // 2, len(ordered) - 1))
    for night in (ordered[place] for place in places):
        title = f"{night.name}: {100 * _agreement(night):.0f} % of epochs alike"
        yield _section(title, charts.hypnogram(night))


def _agreement(night: NightStages) -> float:
    codes, covered = night.readers[JUDGED]
    judged = covered & (night.reference >= 0)
    return float(np.mean(codes[judged] == night.reference[judged])) if judged.any() else 0.0


def _curves(folder: Path) -> Iterator[str]:
    for name, points in read_curves(folder).items():
        words = name.replace("_", " ")
        yield _section(f"Training: {words}", charts.curve(words, points))


def _section(title: str, figure: go.Figure) -> str:
    chart = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"displaylogo": False, "responsive": True},
    )
    return f"<section><h2>{escape(title)}</h2>{chart}</section>"


def _table(readers: Mapping[str, Baseline]) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for _, title in COLUMNS)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{_cells(reader)}</tr>'
        for name, reader in readers.items()
    )
    return (
        f'<table><thead><tr><th scope="col">Reader</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _cells(reader: Baseline) -> str:
    if isinstance(reader, MissingReader):
        return f'<td colspan="{len(COLUMNS)}">{escape(reader.missing)}</td>'
    return "".join(
        f"<td>{shown(getattr(reader, key, None))}{_bounds(reader, key)}</td>" for key, _ in COLUMNS
    )


def _bounds(reader: Agreement, key: str) -> str:
    bounds = shown_interval(reader.interval_of(key))
    return f"<small>{bounds}</small>" if bounds else ""


def _transitions(transitions: Transitions) -> str:
    both = {
        "beside a change": transitions.beside_a_change,
        "elsewhere": transitions.elsewhere,
    }
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{part.epochs}</td>'
        f"<td>{shown(part.kappa)}</td><td>{shown(part.accuracy)}</td></tr>"
        for name, part in both.items()
    )
    return (
        "<section><h2>Beside a change of stage, and elsewhere</h2><table><thead><tr>"
        '<th scope="col">Epochs</th><th scope="col">n</th><th scope="col">kappa</th>'
        f'<th scope="col">accuracy</th></tr></thead><tbody>{rows}</tbody></table></section>'
    )
