"""A scoring as a file for other programs: stages and events, with the mark of where it is from."""

import csv
import io
import tempfile
from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path

from annotations.scoring.models import ScoredEvent, Scoring
from psg.stagefiles import write_edf_stages
from psg.stagefiles.marks import Mark, mark_of
from psg.stages import EPOCH_S, Stage


def stages_of(scoring: Scoring) -> list[Stage | None]:
    """Return the stage of every epoch of the recording's grid."""
    stages: list[Stage | None] = [None] * scoring.recording.epoch_count
    for epoch, stage in scoring.scores.order_by().values_list("epoch", "stage"):
        stages[epoch] = Stage(stage) if stage else None
    return stages


def mark_of_scoring(scoring: Scoring, stages: list[Stage | None]) -> Mark:
    """Return the mark of an exported scoring; a copy keeps the kind of its original."""
    original = scoring.copy_of.scorer.kind if scoring.copy_of else scoring.scorer.kind
    return mark_of(str(scoring.copied_kind or original), stages)


def scoring_as_edf(scoring: Scoring) -> bytes:
    """Return EDF+ annotations, without signals, name and date."""
    stages = stages_of(scoring)
    events = [(e.onset_s, e.duration_s, _text(e)) for e in _events(scoring)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scoring.edf"
        mark = str(mark_of_scoring(scoring, stages))
        write_edf_stages(path, stages, scoring.recording.grid, events=events, mark=mark)
        return path.read_bytes()


def scoring_as_csv(scoring: Scoring) -> bytes:
    """Return a table of stages and events, in columns that MNE reads."""
    return _table(scoring, ("onset", "duration", "description", "channel", "source"), ",", "")


def scoring_as_bids(scoring: Scoring) -> bytes:
    """Return a table of stages and events as BIDS has it, with n/a where there is nothing."""
    return _table(scoring, ("onset", "duration", "trial_type", "channel", "source"), "\t", "n/a")


def _table(scoring: Scoring, columns: Sequence[str], delimiter: str, nothing: str) -> bytes:
    """Write stages and events by onset.

    The mark stands in the first row: programs that read tables often know no comments.
    """
    stages = stages_of(scoring)
    grid = scoring.recording.grid
    rows: list[tuple[float, float, str, str]] = [
        (grid.onset_s(epoch), EPOCH_S, f"Sleep stage {stage or '?'}", nothing)
        for epoch, stage in enumerate(stages)
    ]
    rows += [
        (e.onset_s, e.duration_s, e.name or e.kind, e.channel or nothing) for e in _events(scoring)
    ]
    text = io.StringIO()
    lines = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    lines.writerow(columns)
    sources = chain([str(mark_of_scoring(scoring, stages))], repeat(nothing))
    for (onset_s, duration_s, *words), source in zip(sorted(rows), sources, strict=False):
        lines.writerow((round(onset_s, 6), round(duration_s, 6), *words, source))
    return text.getvalue().encode()


def _events(scoring: Scoring) -> list[ScoredEvent]:
    return list(scoring.scored_events.all())


def _text(event: ScoredEvent) -> str:
    """Return the annotation of an event; EDF+ names the channel after two at signs."""
    words = event.name or event.kind
    return f"{words}@@{event.channel}" if event.channel else words


FILES = {
    "edf": (scoring_as_edf, "application/octet-stream"),
    "csv": (scoring_as_csv, "text/csv; charset=utf-8"),
    "tsv": (scoring_as_bids, "text/tab-separated-values; charset=utf-8"),
}
