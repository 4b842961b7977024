"""What an export knows of one epoch, whatever format it goes into."""

from dataclasses import dataclass

from annotations.models import EpochScore, Scoring
from psg.epochs import EpochGrid

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
