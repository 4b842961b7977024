"""Lay the stages of a file on the epochs of a recording, or refuse to guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from psg.doubts import Doubt
from psg.epochs import OFF_GRID_TOLERANCE_S, EpochGrid
from psg.errors import OffGridError, StageFileError
from psg.lights import Lights
from psg.stagefiles.align import Aligned, NightTimes, align, lights_inside
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.epochs_20_s import turn
from psg.stagefiles.facts import FileEvent, StageFile, StageOptions, StageTable
from psg.stagefiles.on_grid import longer_than, place_on_grid, source_texts
from psg.stagefiles.pieces import RK_EPOCH_S
from psg.stages import EPOCH_S, Stage
from psg.typed_json import JsonObject, as_json


@dataclass(frozen=True)
class Placed:
    """The stages of a scorer on the epochs of a recording, with what was done to get there.

    ``source_texts`` has the word of the file for each epoch. Onsets of ``events`` and ``lights``
    are seconds from the start of the recording.
    """

    scorer: str
    stages: tuple[Stage | None, ...]
    source_texts: tuple[str, ...]
    events: tuple[FileEvent, ...]
    lights: Lights
    shift_s: float
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def place_table(
    table: StageTable, night: NightTimes, options: StageOptions | None = None
) -> Placed:
    """Place the stages of a table on a recording.

    Raises
    ------
    OffGridError
        When an onset is more than 0.5 s off the grid.
    OtherNightError
        When clock or length say that the file is of another night.
    StageFileError
        When stages lie outside the night, span part of an epoch, or contradict.
    """
    return place_aligned(align(table, night, options), night)


def place_aligned(aligned: Aligned, night: NightTimes) -> Placed:
    """Place a table that counts from the start of the recording already."""
    table = aligned.table
    if table.by_epoch:
        _refuse_more_epochs(table, night)
    entries, notes = _inside(aligned, night)
    if table.epoch_s == EPOCH_S:
        stages, texts = _laid(entries, night, aligned)
    else:
        stages, texts, turned = turn(table, entries, night)
        notes += turned
    lights = lights_inside(table.lights, night.duration_s)
    if lights != table.lights:
        notes.append("The lights marks outside the recording were left out.")
    return Placed(
        scorer=table.scorer,
        stages=tuple(stages),
        source_texts=tuple(texts),
        events=tuple(e for e in table.events if 0 <= e.onset_s <= night.duration_s),
        lights=lights,
        shift_s=aligned.shift_s,
        notes=(*aligned.notes, *notes, *_notes(stages, entries, night.grid)),
        doubts=aligned.doubts,
    )


# A list of 20-s epochs of this night is nearly as long.
_NEARLY = 0.9


def _refuse_more_epochs(table: StageTable, night: NightTimes) -> None:
    """Refuse a counted epoch beyond the last: it would show that the file counts otherwise."""
    end_s = night.grid.onset_s(night.grid.epoch_count) + night.has_rest * EPOCH_S
    last_s = max((entry.end_s for entry in table.entries if entry.stage is not None), default=0.0)
    if last_s > end_s + OFF_GRID_TOLERANCE_S:
        length_s = end_s - night.grid.epoch0_s
        of_20_s = (last_s - night.grid.epoch0_s) * RK_EPOCH_S / table.epoch_s
        raise longer_than(
            last_s - table.epoch_s,
            night.grid,
            may_be_20_s=table.epoch_s == EPOCH_S and _NEARLY * length_s <= of_20_s <= length_s,
        )


def _inside(aligned: Aligned, night: NightTimes) -> tuple[Sequence[StageEntry], list[str]]:
    """Leave out what two clocks show to lie outside the recording, and say how much of it is
    scored."""
    entries = aligned.table.entries
    if not aligned.may_lose:
        return entries, []
    end_s = night.grid.onset_s(night.grid.epoch_count)
    kept, lost_s = [], {"before the start": 0.0, "after the end": 0.0}
    for entry in entries:
        early_s = min(max(night.grid.epoch0_s - entry.onset_s, 0.0), entry.duration_s)
        late_s = min(max(entry.end_s - end_s, 0.0), entry.duration_s)
        early_s, late_s = _whole_epochs(early_s), _whole_epochs(late_s)
        if entry.stage is not None:
            lost_s["before the start"] += early_s
            lost_s["after the end"] += late_s
        if early_s + late_s < entry.duration_s - OFF_GRID_TOLERANCE_S:
            kept.append(
                replace(
                    entry,
                    onset_s=entry.onset_s + early_s,
                    duration_s=entry.duration_s - early_s - late_s,
                )
            )
    counts = {side: round(seconds / aligned.table.epoch_s) for side, seconds in lost_s.items()}
    return kept, [
        f"Scored epochs {side} of the recording, left out: {count}."
        for side, count in counts.items()
        if count
    ]


def _whole_epochs(seconds: float) -> float:
    """Round away a hair, so that an epoch is left out whole or not at all."""
    nearest = EPOCH_S * round(seconds / EPOCH_S)
    return nearest if abs(seconds - nearest) <= OFF_GRID_TOLERANCE_S else seconds


def _laid(
    entries: Sequence[StageEntry], night: NightTimes, aligned: Aligned
) -> tuple[list[Stage | None], list[str]]:
    try:
        stages = place_on_grid(entries, night.grid, has_rest=night.has_rest)
    except OffGridError as error:
        if not aligned.shift_s:
            raise
        where = f"{error.where}. {aligned.notes[0].removesuffix('.')}"
        raise OffGridError(error.what, where=where, advice=error.advice) from None
    return stages, source_texts(entries, night.grid)


def _notes(
    stages: Sequence[Stage | None], entries: Sequence[StageEntry], grid: EpochGrid
) -> list[str]:
    """Remarks for people on a successful placement."""
    notes = []
    scored = [index for index, stage in enumerate(stages) if stage is not None]
    unscored = len(stages) - len(scored)
    if unscored:
        inner = scored[-1] - scored[0] + 1 - len(scored) if scored else 0
        between = f", {inner} of them between scored epochs" if inner else ""
        notes.append(f"{unscored} of {len(stages)} epochs have no stage in the file{between}.")
    end_s = max((entry.end_s for entry in entries if entry.stage is not None), default=0.0)
    if end_s > grid.onset_s(grid.epoch_count) + OFF_GRID_TOLERANCE_S:
        notes.append("A stage in the incomplete epoch at the end of the recording was left out.")
    return notes


# A whole file.


@dataclass(frozen=True)
class PlacedFile:
    """What a stage file says of a recording; ``placed`` is empty while the file is in doubt."""

    file: StageFile
    placed: tuple[Placed, ...] = ()
    options: StageOptions = field(default_factory=StageOptions)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        its = {doubt.code: doubt for each in self.placed for doubt in each.doubts}
        return (*self.file.doubts, *its.values())

    @property
    def notes(self) -> tuple[str, ...]:
        its = [note for each in self.placed for note in each.notes]
        return tuple(dict.fromkeys([*self.file.notes, *its]))

    def record(self, placed: Placed) -> JsonObject:
        """Describe how the stages of a scorer came in, for the history of a scoring."""
        said = as_json(self.options).items()
        return {
            "format": self.file.format,
            "sha256": self.file.sha256,
            "options": {key: value for key, value in said if value not in ("", None, [])},
            "shift_s": placed.shift_s,
            "notes": [*self.file.notes, *placed.notes],
            "assumed": [str(doubt) for doubt in self.doubts],
        }


def place_file(
    file: StageFile, night: NightTimes, options: StageOptions | None = None
) -> PlacedFile:
    """Place the stages of every scorer of a file, or of the one that is asked for.

    A file with an open doubt must not be kept; `psg.doubts.refuse_open` refuses it.

    Raises
    ------
    OffGridError, OtherNightError, StageFileError
        When the stages do not fit the recording, or the file has no such scorer.
    """
    return place_aligned_file(file, align_file(file, night, options), night, options)


def align_file(
    file: StageFile, night: NightTimes, options: StageOptions | None = None
) -> list[Aligned]:
    """Move the tables of a file to the time of a recording; none while the file is in doubt."""
    if any(doubt.is_open for doubt in file.doubts):
        return []
    options = options or StageOptions()
    its = night.for_file(file.sha256)
    return [align(table, its, options) for table in asked_tables(file, options)]


def place_aligned_file(
    file: StageFile,
    aligned: Sequence[Aligned],
    night: NightTimes,
    options: StageOptions | None = None,
) -> PlacedFile:
    """Place the tables of a file that were moved to the time of the recording before."""
    placed = tuple(place_aligned(each, night) for each in aligned)
    return PlacedFile(file, placed, options or StageOptions())


def asked_tables(file: StageFile, options: StageOptions) -> tuple[StageTable, ...]:
    """Return the tables of a file, or that of the scorer who is asked for.

    Raises
    ------
    StageFileError
        When the file has no such scorer.
    """
    named = tuple(table for table in file.tables if table.scorer == options.scorer)
    if named or not options.scorer:
        return named if options.scorer else file.tables
    raise StageFileError(
        "The file has no such scorer",
        where=", ".join(f"“{table.scorer}”" for table in file.tables),
        advice="Name one of these.",
    )
