"""MASS-EX tables: fine with rationales, coarse without, and the sidecar with the times."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from annotations.downloads import Cells, Table
from annotations.scoring.models import EpochScore, ScoredEvent, Scoring
from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.massex import (
    COARSE_COLUMNS,
    EPOCHS_COLUMNS,
    FINE_COLUMNS,
    LIGHTS_COLUMNS,
    UNSCORED_TEXT,
    custom_id,
)


@dataclass(frozen=True)
class ExportRow:
    """An epoch of the grid. `number` is N of MASS-EX, None where the epoch is left out."""

    number: int | None
    epoch: int
    onset_s: float
    stage: str | None
    source_text: str
    rationale: str
    rules: tuple[str, ...]


def night_rows(scoring: Scoring) -> list[ExportRow]:
    """Return every epoch of the recording in order, numbered as they are kept.

    N counts the epochs that have a stage, because MASS-EX drops the others and joins the rest.
    """
    grid = scoring.recording.grid
    scores = {score.epoch: score for score in scoring.scores.all()}
    rows: list[ExportRow] = []
    kept = 0
    for epoch in range(grid.epoch_count):
        score = scores.get(epoch)
        is_kept = score is not None and score.stage is not None
        rows.append(_row(score, epoch, kept if is_kept else None, grid))
        kept += is_kept
    return rows


def _row(score: EpochScore | None, epoch: int, number: int | None, grid: EpochGrid) -> ExportRow:
    score = score or EpochScore(epoch=epoch)
    return ExportRow(
        number=number,
        epoch=epoch,
        onset_s=grid.onset_s(epoch),
        stage=score.stage,
        source_text=score.source_text or score.stage or UNSCORED_TEXT,
        rationale=score.rationale,
        rules=tuple(score.rules),
    )


# Names of nights and files in an export.


def subject_names(scorings: Sequence[Scoring]) -> dict[int, str]:
    """Return the name of the night of each scoring, by the id of the scoring.

    As in MASS-EX this is the code of the subject; where a subject has several nights it is the
    name of the recording, so that no two rows share a custom_id.
    """
    nights = Counter(scoring.recording.subject.code for scoring in scorings)
    return {
        scoring.pk: (
            scoring.recording.subject.code
            if nights[scoring.recording.subject.code] == 1
            else scoring.recording.name
        )
        for scoring in scorings
    }


class FileStems:
    """File names without characters that have a meaning in paths; equal names get a number."""

    def __init__(self) -> None:
        self._stems: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Return the file name of `name`, the same at every call."""
        if name not in self._stems:
            self._stems[name] = self._free(re.sub(r"[^\w.-]", "_", name).strip(".") or "night")
        return self._stems[name]

    def _free(self, plain: str) -> str:
        stem, number = plain, 1
        while stem.casefold() in self._taken:
            number += 1
            stem = f"{plain}_{number}"
        self._taken.add(stem.casefold())
        return stem


# The tables. Cells are never altered.


def fine_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    return Table(FINE_COLUMNS, list(_fine_cells(subject, rows)))


def coarse_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    return Table(COARSE_COLUMNS, [(*c[:4], c[5]) for c in _fine_cells(subject, rows)])


def epochs_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    """Return the sidecar of a night; an epoch that was left out has an empty N."""
    cells: list[Cells] = [
        (
            subject,
            "" if row.number is None else row.number,
            row.epoch,
            _seconds(row.onset_s),
            row.source_text,
        )
        for row in rows
    ]
    return Table(EPOCHS_COLUMNS, cells)


def lights_table(subject: str, *, own: Lights, recording: Lights) -> Table:
    """Return lights off and on of a night, and whether the scorer or the recording has them."""
    off, off_from = _mark(own.off_s, recording.off_s)
    on, on_from = _mark(own.on_s, recording.on_s)
    return Table(LIGHTS_COLUMNS, [(subject, off, on, off_from, on_from)])


EVENTS_COLUMNS = ("Subject", "onset_s", "duration_s", "kind", "name", "channel")


def events_table(subject: str, events: Iterable[ScoredEvent]) -> Table:
    """Return the events of imported files, in seconds from the start of the recording."""
    cells: list[Cells] = [
        (subject, _seconds(e.onset_s), _seconds(e.duration_s), e.kind, e.name, e.channel)
        for e in events
    ]
    return Table(EVENTS_COLUMNS, cells)


def _mark(own_s: float | None, recording_s: float | None) -> tuple[str, str]:
    if own_s is not None:
        return _seconds(own_s), "scorer"
    return ("", "") if recording_s is None else (_seconds(recording_s), "recording")


def _seconds(value_s: float) -> str:
    return f"{value_s:.6f}".rstrip("0").rstrip(".")


def _fine_cells(subject: str, rows: Sequence[ExportRow]) -> Iterator[Cells]:
    for row in rows:
        if row.number is not None and row.stage is not None:
            yield (
                custom_id(subject, row.number, row.stage),
                subject,
                row.number,
                row.stage,
                row.rationale,
                ", ".join(row.rules),
            )
