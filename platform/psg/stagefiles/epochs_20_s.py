"""Epochs of 20 s (R&K), converted to epochs of 30 s on a person's demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psg.epochs import OFF_GRID_TOLERANCE_S, EpochGrid
from psg.errors import StageFileError
from psg.stagefiles.align import NightTimes
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.facts import StageTable
from psg.stagefiles.on_grid import longer_than, refuse_repeated_cover
from psg.stages import EPOCH_S, Stage


@dataclass(frozen=True)
class _Share:
    """How much of an epoch a stage covers, and the word of the file for it."""

    seconds: float
    text: str


def turn(
    table: StageTable, entries: Sequence[StageEntry], night: NightTimes
) -> tuple[list[Stage | None], list[str], list[str]]:
    cover = _shares(entries, night)
    chosen = [_largest(its) for its in cover]
    texts = [
        its[stage].text if stage in its else "" for its, stage in zip(cover, chosen, strict=True)
    ]
    mixed = sum(len(its) > 1 for its in cover)
    note = f"{len(entries)} stages of {table.epoch_s:g}-s epochs were converted to 30-s epochs"
    of_two = f"; {mixed} of these hold several stages and took the one that covers most"
    return chosen, texts, [f"{note}{of_two if mixed else ''}."]


def _largest(shares: dict[Stage | None, _Share]) -> Stage | None:
    """Return the stage that covers most of an epoch, of two equal ones the earlier.

    Time without a stage counts as "no stage".
    """
    seconds = {stage: share.seconds for stage, share in shares.items()}
    seconds[None] = seconds.get(None, 0.0) + EPOCH_S - sum(seconds.values())
    return max(seconds, key=lambda stage: seconds[stage])


def _shares(entries: Sequence[StageEntry], night: NightTimes) -> list[dict[Stage | None, _Share]]:
    """Return the stages of each epoch with their shares.

    Raises
    ------
    StageFileError
        When stages lie outside the recording, or on top of each other.
    """
    grid = night.grid
    refuse_repeated_cover(entries, grid)
    end_s = max(night.duration_s, grid.onset_s(grid.epoch_count))
    cover: list[dict[Stage | None, _Share]] = [{} for _ in range(grid.epoch_count)]
    for entry in entries:
        if entry.stage is not None:
            _check_20_s(entry, grid, end_s)
        first = int((entry.onset_s - grid.epoch0_s) // EPOCH_S)
        last = int((entry.end_s - grid.epoch0_s) // EPOCH_S)
        for index in range(max(first, 0), min(last + 1, grid.epoch_count)):
            onset_s = grid.onset_s(index)
            shared_s = min(entry.end_s, onset_s + EPOCH_S) - max(entry.onset_s, onset_s)
            if shared_s > OFF_GRID_TOLERANCE_S:
                _add_share(cover[index], entry, shared_s, index, grid)
    return cover


def _check_20_s(entry: StageEntry, grid: EpochGrid, end_s: float) -> None:
    if entry.onset_s < grid.epoch0_s - EPOCH_S:
        raise StageFileError(
            "The stage file starts before the epochs of the recording",
            where=f"stage at {entry.onset_s:g} s, first epoch at {grid.epoch0_s:g} s",
            advice="Check that the file belongs to this recording.",
        )
    if entry.onset_s > end_s + OFF_GRID_TOLERANCE_S:
        raise longer_than(entry.onset_s, grid)


def _add_share(
    its: dict[Stage | None, _Share], entry: StageEntry, shared_s: float, index: int, grid: EpochGrid
) -> None:
    before = its.get(entry.stage, _Share(0.0, entry.text))
    its[entry.stage] = _Share(before.seconds + shared_s, before.text)
    seconds = sum(share.seconds for share in its.values())
    if len(its) > 1 and seconds > EPOCH_S + 2 * OFF_GRID_TOLERANCE_S:
        raise StageFileError(
            "Two stages are given for the same time",
            where=f"epoch {index}, {grid.onset_s(index):g} s",
            advice="Correct the stage file.",
        )
