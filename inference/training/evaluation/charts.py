"""The charts of a report as Plotly figures, and the learning curves from a training's logs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from inference.training.errors import TrainingError
from inference.training.evaluation.results import Agreement, EventFigures
from inference.training.evaluation.running import JUDGED, NightStages
from psg.stages import EPOCH_S, STAGES, Stage

EVENT_FILES = "events.out.tfevents.*"
Curve = list[tuple[int, float]]
"""Steps with their values, in order of steps."""


def read_curves(folder: Path) -> dict[str, Curve]:
    """Curves by name, from every log under a folder.

    A line of a JSON log is an object with ``step`` and any number of values.

    Raises
    ------
    TrainingError
        When there is no log, or only such as cannot be read here.
    """
    curves: dict[str, dict[int, float]] = defaultdict(dict)
    for name, step, value in [*_from_tensorboard(folder), *_from_json(folder)]:
        curves[name][step] = value
    if not curves:
        raise TrainingError(
            "There is no learning curve", where=str(folder), advice="Name the folder of its logs."
        )
    return {name: sorted(values.items()) for name, values in sorted(curves.items())}


def _from_tensorboard(folder: Path) -> Iterator[tuple[str, int, float]]:
    folders = sorted({path.parent for path in folder.rglob(EVENT_FILES)})
    if folders and find_spec("tensorboard") is None:
        raise TrainingError(
            "TensorBoard's logs cannot be read without it",
            where=str(folder),
            advice="Install tensorboard.",
        )
    for log_folder in folders:
        reading = import_module("tensorboard.backend.event_processing.event_accumulator")
        log = reading.EventAccumulator(str(log_folder))
        log.Reload()
        for name in log.Tags()["scalars"]:
            for event in log.Scalars(name):
                yield name, int(event.step), float(event.value)


def _from_json(folder: Path) -> Iterator[tuple[str, int, float]]:
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = _row(line)
            step = row.pop("step", None)
            if isinstance(step, int):
                for name, value in row.items():
                    if isinstance(value, int | float):
                        yield name, step, float(value)


def _row(line: str) -> dict[str, object]:
    """Read a line of a log; a line cut off by a crash is skipped."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


INK, QUIET, ACCENT = "#1d2426", "#9aa3a0", "#0b6e69"
READERS = (ACCENT, "#5d6b70", "#9aa8a4", "#cfd6d3")
# A hypnogram from its top: W, R, N1, N2, N3.
LADDER = (Stage.W, Stage.R, Stage.N1, Stage.N2, Stage.N3)
NOT_READ = "not read"


def kappas(readers: Mapping[str, Agreement]) -> go.Figure:
    """Kappa of each reader with its interval."""
    shown = {name: its.kappa for name, its in readers.items() if its.kappa is not None}
    values = list(shown.values())
    low, high = ([_reach(readers[name], place) for name in shown] for place in (0, 1))
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
    """Epochs by stage of the reference and the model: shares of rows, counts in the cells."""
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


def stage_f1(readers: Mapping[str, Agreement]) -> go.Figure:
    """F1 of every stage, reader beside reader."""
    figure = go.Figure()
    for number, (name, reader) in enumerate(readers.items()):
        figure.add_bar(
            name=name,
            x=[stage.value for stage in STAGES],
            y=[reader.stages[stage.value].f1 for stage in STAGES],
            marker={"color": READERS[number % len(READERS)]},
        )
    figure.update_yaxes(title="F1", range=[0, 1])
    return _styled(figure, height=300)


def reliability(figures: Agreement) -> go.Figure:
    """Share of right stages by their probability; on the diagonal both are equal."""
    bins = [its for its in figures.certainty.bins if its.epochs] if figures.certainty else []
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET}, name="equal")
    figure.add_scatter(
        x=[its.mean_probability for its in bins],
        y=[its.right for its in bins],
        text=[f"{its.epochs} epochs" for its in bins],
        mode="lines+markers",
        line={"color": ACCENT},
        name="the model",
    )
    figure.update_xaxes(title="mean probability of the given stage", range=[0, 1])
    figure.update_yaxes(title="share right", range=[0, 1])
    return _styled(figure, height=380)


def events(kinds: Mapping[str, EventFigures]) -> go.Figure:
    """Precision and recall of events in rationales, by kind."""
    names = [kind.replace("_", " ") for kind in kinds]
    figure = go.Figure()
    for measure, colour in (("precision", ACCENT), ("recall", QUIET)):
        values = [getattr(figures, measure) for figures in kinds.values()]
        figure.add_bar(name=measure, x=names, y=values, marker={"color": colour})
    figure.update_yaxes(range=[0, 1])
    return _styled(figure, height=300)


def hypnogram(night: NightStages) -> go.Figure:
    """The reference's night over the model's; what was left out or not read is a gap."""
    codes, covered = night.readers[JUDGED]
    figure = go.Figure()
    for name, line, colour in (
        ("reference", np.where(covered, night.reference, -1), QUIET),
        ("model", codes, ACCENT),
    ):
        places = np.flatnonzero(covered)
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
    """A learning curve."""
    steps, values = zip(*points, strict=True)
    figure = go.Figure(go.Scatter(x=steps, y=values, mode="lines", line={"color": ACCENT}))
    figure.update_xaxes(title="step")
    figure.update_yaxes(title=name)
    return _styled(figure, height=240)


def _heights(codes: NDArray[np.integer]) -> list[int | None]:
    return [None if code < 0 else LADDER.index(STAGES[code]) for code in codes]


def _reach(reader: Agreement, place: int) -> float:
    """How far an end of the interval of kappa lies from kappa."""
    bound = reader.interval_of("kappa")[place]
    return 0.0 if bound is None or reader.kappa is None else abs(bound - reader.kappa)


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
