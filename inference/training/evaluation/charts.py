"""The charts of a report, as Plotly figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from inference.training.evaluation.curves import Curve
from inference.training.evaluation.judging import JUDGED, NightStages
from psg.stages import EPOCH_S, STAGES, Stage

INK, QUIET, ACCENT = "#1d2426", "#9aa3a0", "#0b6e69"
READERS = (ACCENT, "#5d6b70", "#9aa8a4", "#cfd6d3")
# A hypnogram from its top: W, R, N1, N2, N3.
LADDER = (Stage.W, Stage.R, Stage.N1, Stage.N2, Stage.N3)
NOT_READ = "not read"


def kappas(readers: Mapping[str, Mapping[str, Any]]) -> go.Figure:
    """Kappa of each reader with its interval."""
    shown = {name: one for name, one in readers.items() if one.get("kappa") is not None}
    values = [one["kappa"] for one in shown.values()]
    low, high = ([_reach(one, place) for one in shown.values()] for place in (0, 1))
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=list(shown),
            mode="markers",
            marker={"size": 10, "color": [ACCENT] + [QUIET] * (len(shown) - 1)},
            error_x={"array": high, "arrayminus": low, "color": QUIET, "thickness": 1.5},
        )
    )
    figure.update_xaxes(title="Cohen's kappa", range=[min([0.0, *values]) - 0.02, 1])
    figure.update_yaxes(autorange="reversed")
    return _styled(figure, height=90 + 40 * len(shown))


def confusion(table: Sequence[Sequence[int]]) -> go.Figure:
    """Epochs by the reference's stage and the model's; shares of each row, counts in the cells."""
    counts = np.array(table)
    rows = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    given = [stage.value for stage in STAGES] + [NOT_READ]
    figure = go.Figure(
        go.Heatmap(
            z=100 * counts / rows,
            x=given,
            y=[stage.value for stage in STAGES],
            text=counts,
            texttemplate="%{text}",
            colorscale=[[0, "#ffffff"], [1, ACCENT]],
            zmin=0,
            zmax=100,
            colorbar={"title": "% of row", "thickness": 12},
            hovertemplate="%{y} read as %{x}: %{text} epochs, %{z:.1f} %<extra></extra>",
        )
    )
    figure.update_xaxes(title="the model's stage", side="top")
    figure.update_yaxes(title="the reference's stage", autorange="reversed")
    return _styled(figure, height=380)


def stage_f1(readers: Mapping[str, Mapping[str, Any]]) -> go.Figure:
    """F1 of every stage, reader beside reader."""
    figure = go.Figure()
    for number, (name, one) in enumerate(readers.items()):
        if "stages" in one:
            figure.add_bar(
                name=name,
                x=[stage.value for stage in STAGES],
                y=[one["stages"][stage.value]["f1"] for stage in STAGES],
                marker={"color": READERS[number % len(READERS)]},
            )
    figure.update_yaxes(title="F1", range=[0, 1])
    return _styled(figure, height=300)


def events(kinds: Mapping[str, Mapping[str, Any]]) -> go.Figure:
    """Precision and recall of told events by kind."""
    names = [kind.replace("_", " ") for kind in kinds]
    figure = go.Figure()
    for measure, colour in (("precision", ACCENT), ("recall", QUIET)):
        values = [one[measure] for one in kinds.values()]
        figure.add_bar(name=measure, x=names, y=values, marker={"color": colour})
    figure.update_yaxes(range=[0, 1])
    return _styled(figure, height=300)


def hypnogram(night: NightStages) -> go.Figure:
    """The reference's night over the model's; what was not asked for or not read is a gap."""
    codes, asked = night.readers[JUDGED]
    figure = go.Figure()
    for name, line, colour in (
        ("reference", np.where(asked, night.reference, -1), QUIET),
        ("model", codes, ACCENT),
    ):
        places = np.flatnonzero(asked)
        figure.add_scatter(
            name=name,
            x=places * EPOCH_S / 3600,
            y=_heights(line[places]),
            mode="lines",
            line={"shape": "hv", "color": colour, "width": 3 if name == "reference" else 1.2},
            connectgaps=False,
        )
    figure.update_xaxes(title="hours")
    figure.update_yaxes(
        tickvals=list(range(len(LADDER))),
        ticktext=[stage.value for stage in LADDER],
        range=[len(LADDER) - 0.7, -0.4],
    )
    return _styled(figure, height=240)


def curve(name: str, points: Curve) -> go.Figure:
    """One learning curve."""
    steps, values = zip(*points, strict=True)
    figure = go.Figure(go.Scatter(x=steps, y=values, mode="lines", line={"color": ACCENT}))
    figure.update_xaxes(title="step")
    figure.update_yaxes(title=name)
    return _styled(figure, height=240)


def _heights(codes: NDArray[np.integer]) -> list[int | None]:
    return [None if code < 0 else LADDER.index(STAGES[code]) for code in codes]


def _reach(one: Mapping[str, Any], place: int) -> float:
    bound = one.get("intervals", {}).get("kappa", [None, None])[place]
    return 0.0 if bound is None else abs(bound - one["kappa"])


def _styled(figure: go.Figure, *, height: int) -> go.Figure:
    figure.update_layout(
        template="plotly_white",
        height=height,
        margin={"l": 70, "r": 20, "t": 40, "b": 45},
        font={"family": "system-ui, sans-serif", "size": 13, "color": INK},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        barmode="group",
    )
    return figure
