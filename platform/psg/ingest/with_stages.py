"""A recording inspected together with the stage files that come along with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psg.clockkind import ClockKind
from psg.doubts import Doubt, OpenDoubtsError
from psg.epochs import grid_for
from psg.errors import PsgError
from psg.ingest.decisions import NightDecisions
from psg.ingest.inspect import NightFacts, inspect_night
from psg.signalfile import SignalFile
from psg.stagefiles.align import Aligned, NightTimes, origin_entries
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.place import PlacedFile, align_file, place_aligned_file


@dataclass(frozen=True)
class StageInput:
    """A stage file, and what was said of it."""

    file: StageFile
    options: StageOptions


@dataclass(frozen=True)
class StagesAlong:
    """A stage file on the epochs of its recording, or why it does not fit; and their clocks."""

    placed: PlacedFile | None = None
    clocks_s: tuple[float | None, ...] = ()
    refused: PsgError | None = None

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        if self.placed is not None:
            return self.placed.doubts
        return self.refused.doubts if isinstance(self.refused, OpenDoubtsError) else ()

    def or_refused(self) -> PlacedFile:
        """Return the file on the epochs of the recording.

        Raises
        ------
        PsgError
            When it does not fit.
        """
        if self.placed is None:
            raise self.refused or PsgError("The stage file was not placed")
        return self.placed


def night_before_stages(
    file: SignalFile, decisions: NightDecisions, sha256: str = ""
) -> NightTimes:
    """Return the times of a recording, with the epochs that it would have without stages."""
    grid = grid_for(file.duration_s, epoch0_s=decisions.epoch_start_s)
    said_s = decisions.start_clock_s
    is_joined = file.clock_kind is ClockKind.JOINED
    return NightTimes(
        grid,
        file.duration_s,
        file.start_clock_s if said_s is None else said_s,
        file.start_day,
        clock_kind=file.clock_kind if said_s is None or is_joined else ClockKind.LOCAL,
        said_by_file_s=None if said_s is None else file.start_clock_s,
        sha256=sha256,
    )


def inspect_with_stages(
    file: SignalFile,
    decisions: NightDecisions,
    stage_files: Sequence[StageInput] = (),
    *,
    sha256: str = "",
) -> tuple[NightFacts, list[StagesAlong]]:
    """Describe a recording, and place the stages of its stage files on its epochs.

    The first stage decides where epoch 0 lies, where nobody said it. A stage file that does not
    fit stops no other. Neither the recording nor a stage file may be kept while it has an open
    doubt; `psg.doubts.refuse_open` refuses it. By the hash of the recording's file its own
    annotations are told.

    Raises
    ------
    MontageError, PsgError
        When the recording cannot be scored.
    """
    night = night_before_stages(file, decisions, sha256)
    aligned = [_aligned(each, night) for each in stage_files]
    fitting = [its for its in aligned if not isinstance(its, PsgError)]
    origins = [entry for its in fitting for one in its for entry in origin_entries(one.table)]
    facts = inspect_night(file, decisions, stage_entries=origins)
    night = replace(night, grid=facts.grid)
    return facts, [
        _placed(each, its, night) for each, its in zip(stage_files, aligned, strict=True)
    ]


def _aligned(stages: StageInput, night: NightTimes) -> list[Aligned] | PsgError:
    try:
        return align_file(stages.file, night, stages.options)
    except PsgError as error:
        return error


def _placed(
    stages: StageInput, aligned: list[Aligned] | PsgError, night: NightTimes
) -> StagesAlong:
    if isinstance(aligned, PsgError):
        return StagesAlong(refused=aligned)
    try:
        placed = place_aligned_file(stages.file, aligned, night, stages.options)
    except PsgError as error:
        return StagesAlong(refused=error)
    return StagesAlong(placed, tuple(each.table.clock_s for each in aligned))
