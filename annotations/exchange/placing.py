"""The places of the rows of a table on the grid of a recording, and a check for shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotations.scoring.scores import ScoreContent
from psg.epochs import OFF_GRID_TOLERANCE_S, EpochGrid
from psg.errors import OffGridError, UnknownStageTextError
from psg.massex import MassexRow, Problems, Sidecar
from psg.stages import parse_stage_text

FARTHEST = 3
LEAST_EPOCHS, LEAST_CHANGES = 20, 3
LEAST_SHARE, LEAST_GAIN = 0.75, 0.1


@dataclass(frozen=True)
class Shift:
    """How far to move the epochs of a file, and the share of equal stages before and after."""

    epochs: int
    share_here: float
    share_there: float

    def __str__(self) -> str:
        way = "later" if self.epochs > 0 else "earlier"
        plural = "s" if abs(self.epochs) > 1 else ""
        return (
            f"{100 * self.share_here:.0f} % of its stages agree as it lies,"
            f" {100 * self.share_there:.0f} % would {abs(self.epochs)} epoch{plural} {way}"
        )


def find_shift(stages: Mapping[int, str], reference: Mapping[int, str]) -> Shift | None:
    """Return the shift with which two scorings agree clearly better; None without such a shift.

    Nights with few changes of stage match at any place, so they prove nothing.
    """
    changes = sum(reference.get(n) != reference.get(n + 1) for n in reference)
    if changes < LEAST_CHANGES:
        return None
    here = _share(stages, reference, 0)
    best = max(
        (shift for shift in range(-FARTHEST, FARTHEST + 1) if shift),
        key=lambda shift: _share(stages, reference, shift),
    )
    there = _share(stages, reference, best)
    if there >= LEAST_SHARE and there - here >= LEAST_GAIN:
        return Shift(best, here, there)
    return None


def _share(stages: Mapping[int, str], reference: Mapping[int, str], shift: int) -> float:
    pairs = [stage == reference[n + shift] for n, stage in stages.items() if n + shift in reference]
    return sum(pairs) / len(pairs) if len(pairs) >= LEAST_EPOCHS else 0.0


# From N to the epochs of the grid of a recording.


NO_TIMES = "The file numbers its epochs but contains no epoch times"
GIVE_TIMES = "Add its epochs.csv, or choose the epoch numbering."


@dataclass(frozen=True)
class Placement:
    """The epoch of every N, and the stage texts of the source by epoch, also of other epochs."""

    epoch_of: Mapping[int, int]
    texts: Mapping[int, str]


def place_by_sidecar(
    rows: Sequence[MassexRow], sidecar: Sidecar, grid: EpochGrid, problems: Problems
) -> Placement:
    """Place rows as epochs.csv has them, after a check that the two belong together.

    Raises
    ------
    OffGridError
    """
    numbers = {row.number: row for row in rows}
    advice = "Use the epochs.csv that was exported with the file."
    for row in rows:
        if row.number not in sidecar.kept:
            problems.error("epochs.csv does not hold this N", line=row.line, advice=advice)
    if missing := sorted(set(sidecar.kept) - set(numbers)):
        what = f"epochs.csv has {len(missing)} more epochs, from N {missing[0]} on"
        problems.error(what, advice="Was the file cut off, or are rows missing?")
    for place in sidecar:
        if abs(place.onset_s - grid.onset_s(place.epoch)) > OFF_GRID_TOLERANCE_S:
            raise OffGridError(
                "epochs.csv was made on another epoch grid",
                where=f"epoch {place.epoch} at {place.onset_s:g} s there,"
                f" {grid.onset_s(place.epoch):g} s here",
                advice="Import the recording with the origin of the file.",
            )
    _warn_of_shift(rows, {n: _stage(p.source_text) for n, p in sidecar.kept.items()}, problems)
    kept = {place.epoch: place.source_text for place in sidecar.kept.values()}
    return Placement({n: p.epoch for n, p in sidecar.kept.items()}, {**kept, **sidecar.texts})


def place_by_number(rows: Sequence[MassexRow]) -> Placement:
    """Place rows where N counts all epochs of the recording."""
    return Placement({row.number: row.number for row in rows}, {})


def place_by_staged(
    rows: Sequence[MassexRow], staged: Mapping[int, str], label: str, problems: Problems
) -> Placement:
    """Place rows where N counts the epochs that another scoring has staged.

    `staged` has the stages of that scoring by epoch.
    """
    epochs = sorted(staged)
    last = max((row.number for row in rows), default=-1)
    if last + 1 != len(epochs):
        problems.error(
            f"N runs to {last}, and {label} has staged {len(epochs)} epochs",
            advice="Are these the stages that the file was made from?",
        )
    reference = {number: staged[epoch] for number, epoch in enumerate(epochs)}
    _warn_of_shift(rows, reference, problems)
    return Placement(dict(enumerate(epochs)), {})


def contents_of(rows: Sequence[MassexRow], placement: Placement) -> dict[int, ScoreContent]:
    """Return the content of every epoch; epochs without N have the text of the source only."""
    words = {n: ScoreContent(stage=None, source_text=text) for n, text in placement.texts.items()}
    placed = [
        (placement.epoch_of[row.number], row) for row in rows if row.number in placement.epoch_of
    ]
    return words | {
        epoch: ScoreContent(
            stage=row.stage,
            rules=row.rules,
            rationale=row.rationale,
            source_text=placement.texts.get(epoch, ""),
        )
        for epoch, row in placed
    }


def _warn_of_shift(
    rows: Sequence[MassexRow], reference: Mapping[int, str], problems: Problems
) -> None:
    known = {n: stage for n, stage in reference.items() if stage}
    if shift := find_shift({row.number: row.stage for row in rows}, known):
        problems.error(f"N is shifted: {shift}", advice="N counts from 0; export the file again.")


def _stage(text: str) -> str:
    try:
        return parse_stage_text(text) or ""
    except UnknownStageTextError:
        return ""
