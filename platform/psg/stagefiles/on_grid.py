"""Stages on the 30-s epochs of a grid."""

from __future__ import annotations

from collections.abc import Sequence

from psg.epochs import OFF_GRID_TOLERANCE_S, EpochGrid
from psg.errors import StageFileError
from psg.stagefiles.entries import StageEntry
from psg.stages import EPOCH_S, Stage

# A stage can be listed twice; a file that lists every epoch ten times is none of stages.
_MOST_TIMES_OVER = 10


def place_on_grid(
    entries: Sequence[StageEntry], grid: EpochGrid, *, has_rest: bool = True
) -> list[Stage | None]:
    """Give the stage of every epoch of the grid; epochs without an entry are unscored.

    An entry may span several epochs. Where the recording has an incomplete epoch after the grid's
    last (``has_rest``), a stage there is left out: no whole epoch is there to carry it.

    Raises
    ------
    OffGridError
        When an onset is more than 0.5 s off the grid.
    StageFileError
        When stages lie before or after the night, span part of an epoch, or contradict.
    """
    _refuse_20_s_epochs(entries)
    refuse_repeated_cover(entries, grid)
    stages: list[Stage | None] = [None] * grid.epoch_count
    taken: set[int] = set()
    for entry in entries:
        first = grid.index_of(entry.onset_s)
        stop = first + _epochs_spanned(entry)
        if entry.stage is not None:
            _check_inside(first, stop - 1, entry, grid, has_rest=has_rest)
        for index in range(max(first, 0), min(stop, grid.epoch_count)):
            if index in taken and stages[index] != entry.stage:
                raise StageFileError(
                    "Two stages are given for the same epoch",
                    where=f"epoch {index}, {grid.onset_s(index):g} s",
                    advice="Correct the stage file.",
                )
            taken.add(index)
            stages[index] = entry.stage
    return stages


def _refuse_20_s_epochs(entries: Sequence[StageEntry]) -> None:
    short = sum(abs(entry.duration_s - 20.0) < OFF_GRID_TOLERANCE_S for entry in entries)
    if short > len(entries) / 2:
        raise StageFileError(
            "The stages are in 20-s epochs (R&K)",
            where=f"{short} of {len(entries)} stages",
            advice="Select “Convert 20-s epochs to 30-s epochs” (in the shell: --from-20-s).",
        )


def refuse_repeated_cover(entries: Sequence[StageEntry], grid: EpochGrid) -> None:
    """Refuse long stages that lie on top of each other, which would be laid down one by one."""
    end_s = grid.onset_s(grid.epoch_count)
    covered_s = sum(
        max(min(entry.end_s, end_s) - max(entry.onset_s, grid.epoch0_s), 0.0) for entry in entries
    )
    if covered_s > _MOST_TIMES_OVER * EPOCH_S * max(grid.epoch_count, 1):
        raise StageFileError(
            f"The stages cover the recording more than {_MOST_TIMES_OVER} times over",
            where=f"{len(entries)} stages",
            advice="The file should have one stage for each epoch; correct the durations.",
        )


def _epochs_spanned(entry: StageEntry) -> int:
    count = round(entry.duration_s / EPOCH_S)
    if count < 1 or abs(entry.duration_s - count * EPOCH_S) > OFF_GRID_TOLERANCE_S:
        raise StageFileError(
            "A stage does not last a whole number of 30-s epochs",
            where=f"{entry.duration_s:g} s at {entry.onset_s:g} s",
            advice="Correct the stage file.",
        )
    return count


def _check_inside(
    first: int, last: int, entry: StageEntry, grid: EpochGrid, *, has_rest: bool
) -> None:
    """Check a stage from epoch `first` to `last`; the incomplete epoch at the end may have one."""
    if first < 0:
        raise StageFileError(
            "The stage file starts before the epochs of the recording",
            where=f"stage at {entry.onset_s:g} s, first epoch at {grid.epoch0_s:g} s",
            advice="Check that the file belongs to this recording, or import with its own origin.",
        )
    if last >= grid.epoch_count + has_rest:
        raise longer_than(grid.onset_s(last), grid)


def longer_than(at_s: float, grid: EpochGrid, *, may_be_20_s: bool = False) -> StageFileError:
    return StageFileError(
        "The stage file is longer than the recording",
        where=f"stage at {at_s:g} s, the recording has {grid.epoch_count} epochs up to"
        f" {grid.onset_s(grid.epoch_count):g} s",
        advice="If its epochs last 20 s, select “Convert 20-s epochs to 30-s epochs” (in the shell:"
        " --from-20-s)."
        if may_be_20_s
        else "Check that the file belongs to this recording, and that its epochs last 30 s.",
    )


def source_texts(entries: Sequence[StageEntry], grid: EpochGrid) -> list[str]:
    """Return the stage text of the file for every epoch of the grid; empty where it has none."""
    texts = [""] * grid.epoch_count
    for entry in entries:
        first = grid.index_of(entry.onset_s)
        stop = first + max(round(entry.duration_s / EPOCH_S), 1)
        for index in range(max(first, 0), min(stop, grid.epoch_count)):
            texts[index] = entry.text
    return texts
