"""MASS-EX tables: fine with rationales, coarse without, and the sidecar that keeps the times."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotations.downloads import Cells, Table
from annotations.scoring.models import EpochScore, Scoring
from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.massex import COARSE_COLUMNS, EPOCHS_COLUMNS, FINE_COLUMNS, LIGHTS_COLUMNS, custom_id

UNSCORED_TEXT = "?"


@dataclass(frozen=True)
class ExportRow:
    """One epoch of the grid. `number` is MASS-EX's N, None where the epoch is left out."""

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


# What nights are called in an export.


def subject_names(scorings: Sequence[Scoring]) -> dict[int, str]:
    """Return the name of each scoring's night by the scoring's id.

    The subject's code, as MASS-EX has it; the recording's name where a subject has several
    nights here, so that no two rows share a custom_id.
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
    """File names for names: nothing that a path or another system could misread."""

    def __init__(self) -> None:
        self._stems: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Return the file name of `name`, the same whenever it is asked for."""
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


# MASS-EX tables: fine with rationales, coarse without, and the sidecar that keeps the times.
#
# Cells are never altered. The same tables are written a second time in a form that spreadsheets
# open without running anything: there a cell that would start a formula gets an apostrophe.


def fine_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    return Table(FINE_COLUMNS, list(_fine_cells(subject, rows)))


def coarse_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    return Table(COARSE_COLUMNS, [(*c[:4], c[5]) for c in _fine_cells(subject, rows)])


def epochs_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    """Return the sidecar of one night; an epoch that was left out has an empty N."""
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
    """Return the bounds of the time in bed of one night, and whose marks they are."""
    off, off_from = _mark(own.off_s, recording.off_s)
    on, on_from = _mark(own.on_s, recording.on_s)
    return Table(LIGHTS_COLUMNS, [(subject, off, on, off_from, on_from)])


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
