"""A recording inspected together with the stage files that come along with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psg.epochs import grid_for
from psg.ingest.decisions import NightDecisions
from psg.ingest.inspect import NightFacts, inspect_night
from psg.signalfile import SignalFile
from psg.stagefiles.align import NightTimes, origin_entries
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.place import PlacedFile, align_file, place_aligned_file


@dataclass(frozen=True)
class StageInput:
    """A stage file, and what was said of it."""

    file: StageFile
    options: StageOptions


def night_before_stages(file: SignalFile, decisions: NightDecisions) -> NightTimes:
    """Return the times of a recording, with the epochs that it would have without stages."""
    clock_s = file.start_clock_s if decisions.start_clock_s is None else decisions.start_clock_s
    grid = grid_for(file.duration_s, epoch0_s=decisions.epoch_start_s)
    return NightTimes(grid, file.duration_s, clock_s)


def inspect_with_stages(
    file: SignalFile, decisions: NightDecisions, stage_files: Sequence[StageInput] = ()
) -> tuple[NightFacts, list[PlacedFile]]:
    """Describe a recording, and place the stages of its stage files on its epochs.

    The first stage decides where epoch 0 lies, where nobody said it. Neither the recording nor a
    stage file may be kept while it has an open doubt; `psg.doubts.refuse_open` refuses it.

    Raises
    ------
    MontageError, OffGridError, OtherNightError, PsgError, StageFileError
        When the recording cannot be scored, or a stage file does not fit it.
    """
    night = night_before_stages(file, decisions)
    aligned = [align_file(each.file, night, each.options) for each in stage_files]
    origins = [entry for its in aligned for one in its for entry in origin_entries(one.table)]
    facts = inspect_night(file, decisions, stage_entries=origins)
    night = replace(night, grid=facts.grid)
    return facts, [
        place_aligned_file(each.file, its, night, each.options)
        for each, its in zip(stage_files, aligned, strict=True)
    ]
