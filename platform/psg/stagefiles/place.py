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
from psg.stagefiles.facts import FileEvent, StageFile, StageOptions, StageTable
from psg.stages import EPOCH_S, Stage
from psg.typed_json import JsonObject, as_json

# A stage can be listed twice; a file that lists every epoch ten times is none of stages.
_MOST_TIMES_OVER = 10


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
        stages, texts, turned = _turned(table, entries, night)
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


def _refuse_more_epochs(table: StageTable, night: NightTimes) -> None:
    """Refuse a counted epoch beyond the last: it would show that the file counts otherwise."""
    end_s = night.grid.onset_s(night.grid.epoch_count) + night.has_rest * EPOCH_S
    for entry in table.entries:
        if entry.stage is not None and entry.end_s > end_s + OFF_GRID_TOLERANCE_S:
            raise _longer(entry.end_s - table.epoch_s, night.grid)


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
    notes = [
        f"{seconds / aligned.table.epoch_s:.0f} scored epochs {side} of the recording were left"
        " out."
        for side, seconds in lost_s.items()
        if seconds > OFF_GRID_TOLERANCE_S
    ]
    return kept, notes


def _whole_epochs(seconds: float) -> float:
    """Round away a hair, so that an epoch is left out whole or not at all."""
    nearest = EPOCH_S * round(seconds / EPOCH_S)
    return nearest if abs(seconds - nearest) <= OFF_GRID_TOLERANCE_S else seconds


def _laid(
    entries: Sequence[StageEntry], night: NightTimes, aligned: Aligned
) -> tuple[list[Stage | None], list[str]]:
    try:
        stages = place_on_grid(entries, night.grid)
    except OffGridError as error:
        if not aligned.shift_s:
            raise
        raise OffGridError(
            error.what, where=f"{error.where}; {aligned.notes[0]}", advice=error.advice
        ) from None
    return stages, source_texts(entries, night.grid)


def source_texts(entries: Sequence[StageEntry], grid: EpochGrid) -> list[str]:
    """Return the stage text of the file for every epoch of the grid; empty where it has none."""
    texts = [""] * grid.epoch_count
    for entry in entries:
        first = grid.index_of(entry.onset_s)
        stop = first + max(round(entry.duration_s / EPOCH_S), 1)
        for index in range(max(first, 0), min(stop, grid.epoch_count)):
            texts[index] = entry.text
    return texts


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
    return [align(table, night, options) for table in asked_tables(file, options)]


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


# Epochs of 30 s.


def place_on_grid(entries: Sequence[StageEntry], grid: EpochGrid) -> list[Stage | None]:
    """Give the stage of every epoch of the grid; epochs without an entry are unscored.

    An entry may span several epochs. A stage in the incomplete epoch after the grid's
    last is left out: no whole epoch is there to carry it.

    Raises
    ------
    OffGridError
        When an onset is more than 0.5 s off the grid.
    StageFileError
        When stages lie before or after the night, span part of an epoch, or contradict.
    """
    _refuse_20_s_epochs(entries)
    _refuse_crowds(entries, grid)
    stages: list[Stage | None] = [None] * grid.epoch_count
    taken: set[int] = set()
    for entry in entries:
        first = grid.index_of(entry.onset_s)
        stop = first + _epochs_spanned(entry)
        if entry.stage is not None:
            _check_inside(first, stop - 1, entry, grid)
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
            advice="Stages here are 30 s long; import_scoring --from-20-s turns them.",
        )


def _refuse_crowds(entries: Sequence[StageEntry], grid: EpochGrid) -> None:
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


def _check_inside(first: int, last: int, entry: StageEntry, grid: EpochGrid) -> None:
    """Check a stage from epoch `first` to `last`; the incomplete epoch at the end may have one."""
    if first < 0:
        raise StageFileError(
            "The stage file starts before the epochs of the recording",
            where=f"stage at {entry.onset_s:g} s, first epoch at {grid.epoch0_s:g} s",
            advice="Check that the file belongs to this recording, or import with its own origin.",
        )
    if last > grid.epoch_count:
        raise _longer(grid.onset_s(last), grid)


def _longer(at_s: float, grid: EpochGrid) -> StageFileError:
    return StageFileError(
        "The stage file is longer than the recording",
        where=f"stage at {at_s:g} s, the recording has {grid.epoch_count} epochs up to"
        f" {grid.onset_s(grid.epoch_count):g} s",
        advice="Check that the file belongs to this recording. Are its epochs 20 s long?",
    )


# Epochs of 20 s, turned into epochs of 30 s on a person's demand.


@dataclass(frozen=True)
class _Share:
    """How much of an epoch a stage covers, and the word of the file for it."""

    seconds: float
    text: str


def _turned(
    table: StageTable, entries: Sequence[StageEntry], night: NightTimes
) -> tuple[list[Stage | None], list[str], list[str]]:
    cover = _shares(entries, night)
    chosen = [_largest(its) for its in cover]
    texts = [
        its[stage].text if stage in its else "" for its, stage in zip(cover, chosen, strict=True)
    ]
    mixed = sum(len(its) > 1 for its in cover)
    note = f"{len(entries)} stages of {table.epoch_s:g}-s epochs were turned into 30-s epochs"
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
    _refuse_crowds(entries, grid)
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
        raise _longer(entry.onset_s, grid)


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
