"""The report: one HTML file that holds all it needs, to be opened anywhere and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from inference.training.evaluation import charts
from inference.training.evaluation.curves import read_curves
from inference.training.evaluation.judging import JUDGED, NightStages
from inference.training.evaluation.table import COLUMNS, left_out, shown, with_same_nights
from psg.agreement import ceiling
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS

_PAGE = Path(__file__).with_name("report.html")
SIMULATED = (
    "These nights are simulated. A kappa on them is not a clinical kappa: it says how well the"
    " model reads the simulator, and nothing about patients."
)


def report(found: Mapping[str, Any], nights: Sequence[NightStages], curves: Path | None) -> str:
    """The whole page as text."""
    readers = {found["bundle"]: found, **found["baselines"]}
    parts = [
        *_figures(found, readers),
        *_nights(nights),
        *(_curves(curves) if curves is not None else ()),
    ]
    return Template(_PAGE.read_text("utf-8")).substitute(
        title=escape(f"{found['title']}, version {found['version']}"),
        about=escape(_about(found)),
        notice=SIMULATED if "simulated" in found["on"] else "",
        table=_table(with_same_nights(found)),
        left_out="".join(f"<p>{escape(line)}</p>" for line in left_out(found)),
        ceiling=escape(f"{ceiling.KAPPA.source}; {ceiling.KAPPA_TWO_CENTRES.source}"),
        parts="\n".join(parts),
        plotly=get_plotlyjs(),
    )


def _about(found: Mapping[str, Any]) -> str:
    few = found["subjects"] < FEWEST_FOR_HONEST_INTERVALS
    return (
        f"{found['on']}: {found['subjects']} subjects, {found['epochs']} epochs."
        " Intervals are drawn over subjects"
        + (f"; below {FEWEST_FOR_HONEST_INTERVALS} subjects they run narrow." if few else ".")
    )


def _figures(found: Mapping[str, Any], readers: Mapping[str, Any]) -> Iterator[str]:
    if found["epochs"]:
        yield _section(
            "Kappa of every reader of these nights", charts.kappas(with_same_nights(found))
        )
        yield _section("Which stage is taken for which", charts.confusion(found["confusion"]))
        yield _section("F1 by stage", charts.stage_f1(readers))
        yield _transitions(found["transitions"])
    if "events" in found:
        yield _section("Events told within a second of a known one", charts.events(found["events"]))


def _nights(nights: Sequence[NightStages]) -> Iterator[str]:
    """The best night, the middle one and the worst."""
    ordered = sorted(nights, key=_agreement, reverse=True)
    places = dict.fromkeys((0, len(ordered) // 2, len(ordered) - 1))
    for night in (ordered[place] for place in places):
        title = f"{night.name}: {100 * _agreement(night):.0f} % of epochs alike"
        yield _section(title, charts.hypnogram(night))


def _agreement(night: NightStages) -> float:
    codes, asked = night.readers[JUDGED]
    judged = asked & (night.reference >= 0)
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


def _table(readers: Mapping[str, Any]) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for _, title in COLUMNS)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{_cells(one)}</tr>'
        for name, one in readers.items()
    )
    return (
        f'<table><thead><tr><th scope="col">Reader</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _cells(one: Mapping[str, Any]) -> str:
    if "missing" in one:
        return f'<td colspan="{len(COLUMNS)}">{escape(one["missing"])}</td>'
    return "".join(f"<td>{shown(one.get(key))}{_bounds(one, key)}</td>" for key, _ in COLUMNS)


def _bounds(one: Mapping[str, Any], key: str) -> str:
    low, high = one["intervals"].get(key, (None, None))
    return "" if low is None else f"<small>{shown(low)} to {shown(high)}</small>"


def _transitions(both: Mapping[str, Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name.replace("_", " "))}</th><td>{one["epochs"]}</td>'
        f"<td>{shown(one['kappa'])}</td><td>{shown(one['accuracy'])}</td></tr>"
        for name, one in both.items()
    )
    return (
        "<section><h2>Beside a change of stage, and elsewhere</h2><table><thead><tr>"
        '<th scope="col">Epochs</th><th scope="col">n</th><th scope="col">kappa</th>'
        f'<th scope="col">accuracy</th></tr></thead><tbody>{rows}</tbody></table></section>'
    )
