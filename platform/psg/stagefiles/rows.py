"""The rows of a file sorted into stages, lights and other events, the same for every container.

A row that is not understood is never passed over where it may be a stage: its text is collected,
and the file waits until a person says what it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psg.doubts import Doubt
from psg.lights import lights_of
from psg.stagefiles.bounds import check_count
from psg.stagefiles.clocks import refuse_hour_twice
from psg.stagefiles.codes import CODE_MAPS, CodeMap
from psg.stagefiles.cover import Cover
from psg.stagefiles.durations import epoch_s_of, give_durations
from psg.stagefiles.entries import LONGEST_TEXT, StageEntry, at_place
from psg.stagefiles.events import known_channel, known_event
from psg.stagefiles.facts import EventKind, FileEvent, StageOptions, StageTable
from psg.stagefiles.pieces import joined_pieces
from psg.stagefiles.settling import settle_other, settle_weak
from psg.stagefiles.sorting import Named, Row, names_a_stage, sorted_rows
from psg.stages import Stage

__all__ = ["Reading", "Row", "read_rows"]


@dataclass(frozen=True)
class Reading:
    """The rows of a scorer, sorted.

    ``unknown`` counts the texts that may be stages and are not understood, ``places`` has the
    first place of each; ``codes`` holds the integers without a meaning.
    """

    table: StageTable
    unknown: Counter[str]
    places: dict[str, str]
    codes: frozenset[int]
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


def read_rows(
    rows: Iterable[Row],
    options: StageOptions,
    *,
    codes: CodeMap | None = None,
    scorer: str = "",
    clock_s: float | None = None,
    may_be_elapsed: bool = False,
    by_epoch: bool = False,
    numbered_from: int | None = None,
) -> Reading:
    """Sort the rows of a scorer.

    Parameters
    ----------
    codes : mapping of int to Stage or None, optional
        Meaning of integers where the format defines it; else that of ``options`` counts.
    scorer, clock_s, may_be_elapsed, by_epoch, numbered_from
        As `StageTable` has them.

    Raises
    ------
    StageFileError
        When there are too many rows, or a time is out of bounds.
    """
    as_written = list(rows)
    check_count(len(as_written))
    if clock_s is not None:
        stages = [row for row in as_written if names_a_stage(row.text)]
        refuse_hour_twice([(row.onset_s, row.where) for row in stages])
    listed = sorted(as_written, key=lambda row: row.onset_s)
    found = sorted_rows(listed, options, codes or CODE_MAPS.get(options.codes))
    notes = give_durations(found, options, is_numbered=by_epoch)
    cover = Cover((named.row.onset_s, named.duration_s) for named in found.stages)
    epoch_s = epoch_s_of(found, options)
    for named in found.weak:
        settle_weak(found, named, cover, epoch_s)
    cover = Cover((named.row.onset_s, named.duration_s) for named in found.stages)
    for row in found.others:
        settle_other(found, row, cover, epoch_s)
    events = tuple(_event(row) for row in sorted(found.events, key=lambda row: row.onset_s))
    entries = sorted(map(_entry, found.stages), key=lambda entry: entry.onset_s)
    table = StageTable(
        entries=joined_pieces(entries, epoch_s),
        scorer=scorer,
        events=events,
        lights=lights_of(found.marks),
        clock_s=clock_s,
        may_be_elapsed=may_be_elapsed,
        by_epoch=by_epoch,
        epoch_s=epoch_s,
        numbered_from=numbered_from,
    )
    return Reading(
        table=table,
        unknown=found.unknown,
        places=found.places,
        codes=frozenset(found.codes),
        doubts=tuple(found.doubts),
        notes=(*notes, *_declared_notes(found.declared), *_event_notes(events)),
    )


def _entry(named: Named) -> StageEntry:
    row = named.row
    text = named.text[:LONGEST_TEXT]
    return at_place(row.where, lambda: StageEntry(row.onset_s, named.duration_s, named.stage, text))


def _event(row: Row) -> FileEvent:
    kind, name = known_event(row.text) or (EventKind.OTHER, "")
    # The bounds of a stage are those of an event.
    at_place(row.where, lambda: StageEntry(row.onset_s, row.duration_s or 0.0, None, ""))
    return FileEvent(row.onset_s, row.duration_s or 0.0, kind, name, known_channel(row.channel))


def _declared_notes(declared: Counter[Stage | None]) -> list[str]:
    return [
        f"Stages of the file that count as {stage or 'no stage'}, as declared: {count}."
        for stage, count in sorted(declared.items(), key=lambda each: str(each[0] or ""))
    ]


def _event_notes(events: Sequence[FileEvent]) -> list[str]:
    if not events:
        return []
    counts = Counter(event.kind.value for event in events)
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return [f"Other events in the file: {listed}."]
