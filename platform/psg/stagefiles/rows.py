"""The rows of a file sorted into stages, lights and other events, the same for every container.

A row that is not understood is never passed over where it may be a stage: its text is collected,
and the file waits until a person says what it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from psg.errors import StageFileError
from psg.lights import lights_of, lights_word
from psg.stagefiles.bounds import check_count
from psg.stagefiles.clocks import refuse_hour_twice
from psg.stagefiles.codes import CODE_MAPS, RK_NUMBERS, CodeMap, code_of
from psg.stagefiles.cover import Cover
from psg.stagefiles.declared import declared_texts, digest_of
from psg.stagefiles.entries import StageEntry, at_place
from psg.stagefiles.events import known_channel, known_event
from psg.stagefiles.facts import EventKind, FileEvent, StageOptions, StageTable
from psg.stagefiles.pieces import RK_EPOCH_S, are_of_20_s, joined_pieces
from psg.stagefiles.words import (
    has_stage_name,
    says_stage,
    stage_word,
    without_channel,
)
from psg.stages import EPOCH_S, Stage

_NEAR_S = 0.5
_LONGEST_TEXT = 80
# No stage is shorter; a text over less of a hole is an event.
_SHORTEST_S = 10.0
# So many epochs in a row never have a new stage each.
_FEWEST_CHANGES = 6
_FEWEST_ROWS = 3


@dataclass(frozen=True)
class Row:
    """A text over a stretch of time, as a file gives it.

    Attributes
    ----------
    onset_s : float
        Seconds from the zero of the file.
    duration_s : float or None
        None where the file gives none.
    where : str
        The place in the file, such as ``line 3``.
    channel : str
        The channel of an event; kept where it is a known label.
    is_stage : bool or None
        What the format says of the row: True for a stage, False for another event, None where
        stages and other events stand in one list.
    """

    onset_s: float
    duration_s: float | None
    text: str
    where: str = ""
    channel: str = ""
    is_stage: bool | None = None


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


@dataclass(frozen=True)
class _Named:
    """A row whose text names a stage or "no stage"."""

    row: Row
    stage: Stage | None
    text: str

    @property
    def duration_s(self) -> float:
        return self.row.duration_s or 0.0


@dataclass
class _Sorted:
    stages: list[_Named] = field(default_factory=list)
    # A stage only where no other lies: texts for "no stage" are names of other events too, and a
    # bare "R" beside "Sleep stage R" may mean the right side.
    weak: list[_Named] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)
    declared: Counter[Stage | None] = field(default_factory=Counter)

    def add_declared(self, row: Row, stage: Stage | None) -> None:
        """Add a row whose text a person declared; the text itself is not kept."""
        if stage is None:
            self.weak.append(_Named(row, None, ""))
        else:
            self.stages.append(_Named(row, stage, ""))
            self.declared[stage] += 1

    def add_unknown(self, row: Row) -> None:
        text = without_channel(row.text)
        self.unknown[text] += 1
        self.places.setdefault(text, row.where)


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
        stages = [row for row in as_written if _names_a_stage(row.text)]
        refuse_hour_twice([(row.onset_s, row.where) for row in stages])
    listed = sorted(as_written, key=lambda row: row.onset_s)
    found = _by_text(listed, options, codes or CODE_MAPS.get(options.codes))
    notes = _give_durations(found, options)
    cover = Cover((named.row.onset_s, named.duration_s) for named in found.stages)
    epoch_s = _epoch_s(found, options)
    for named in found.weak:
        _settle_weak(found, named, cover, epoch_s)
    cover = Cover((named.row.onset_s, named.duration_s) for named in found.stages)
    for row in found.others:
        _settle_other(found, row, cover, epoch_s)
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
        notes=(*notes, *_declared_notes(found.declared), *_event_notes(events)),
    )


# What the texts say.


def _by_text(rows: Sequence[Row], options: StageOptions, codes: CodeMap | None) -> _Sorted:
    found = _Sorted()
    declared = declared_texts(options.unscored, options.meanings)
    has_prefix = any(says_stage(row.text) for row in rows)
    are_rk = not has_prefix and _are_rk_numbers(rows)
    numbers = codes or (RK_NUMBERS if are_rk and _is_4_told(rows) else None)
    numbers_are_stages = (
        bool(numbers) or are_rk or not any(_names_a_stage(row.text) for row in rows)
    )
    for row in rows:
        text = without_channel(row.text)
        word, code = stage_word(text), code_of(text)
        if row.is_stage is False:
            (found.marks if lights_word(text) else found.events).append(row)
        elif (digest := digest_of(text)) in declared if declared else False:
            found.add_declared(row, declared[digest])
        elif code is not None and (row.is_stage or numbers_are_stages):
            _add_code(found, row, code, numbers)
        elif word is not None:
            is_sure = row.is_stage or word.has_prefix or (word.stage is not None and not has_prefix)
            (found.stages if is_sure else found.weak).append(_Named(row, word.stage, text))
        elif lights_word(text):
            found.marks.append(row)
        elif row.is_stage or says_stage(text):
            found.add_unknown(row)
        else:
            found.others.append(row)
    return found


def _names_a_stage(text: str) -> bool:
    word = stage_word(text)
    return word is not None and word.stage is not None


def _are_rk_numbers(rows: Sequence[Row]) -> bool:
    """Whether 1-4 stand among bare names for wake and REM, so that they are stages of sleep."""
    numbers = {code for row in rows if (code := code_of(row.text)) is not None}
    return numbers <= RK_NUMBERS.keys() and bool({Stage.W, Stage.R} & _bare_stages(rows))


def _is_4_told(rows: Sequence[Row]) -> bool:
    """Whether a 4 can be no REM, as some tools write it: where REM has a name, or none is 4."""
    return Stage.R in _bare_stages(rows) or all(code_of(row.text) != 4 for row in rows)


def _bare_stages(rows: Sequence[Row]) -> set[Stage | None]:
    words = (stage_word(row.text) for row in rows)
    return {word.stage for word in words if word is not None and not word.has_prefix}


def _add_code(found: _Sorted, row: Row, code: int, numbers: CodeMap | None) -> None:
    text = row.text.strip()[:_LONGEST_TEXT]
    if numbers is None:
        found.codes.add(code)
        found.stages.append(_Named(row, None, text))
    elif code in numbers:
        found.stages.append(_Named(row, numbers[code], text))
    else:
        found.add_unknown(row)


# How long the stages last.


def _give_durations(found: _Sorted, options: StageOptions) -> list[str]:
    """Give a duration to every stage, and say what was assumed."""
    named = sorted([*found.stages, *found.weak], key=lambda each: each.row.onset_s)
    missing = [each for each in named if each.row.duration_s is None]
    if not missing:
        return []
    given = [each.duration_s for each in found.stages if each.row.duration_s is not None]
    if len(given) >= len(missing):
        epoch_s = options.epoch_s or _commonest(given)
        _set_durations(found, {id(each.row): epoch_s for each in missing})
        return [f"Stages without a duration: {len(missing)}; each lasts {epoch_s:g} s."]
    return _give_all_durations(found, named, options)


def _give_all_durations(
    found: _Sorted, named: Sequence[_Named], options: StageOptions
) -> list[str]:
    steps_s = [after.row.onset_s - each.row.onset_s for each, after in pairwise(named)]
    epoch_s = options.epoch_s or _unit_s(steps_s)
    is_regular = all(abs(step_s - epoch_s) <= _NEAR_S for step_s in steps_s)
    if is_regular or not _are_change_points(named, steps_s, epoch_s):
        _set_durations(found, {id(each.row): epoch_s for each in named})
        _give_unknown_durations(found, epoch_s)
        return [] if is_regular else [f"The stages give no durations; each lasts {epoch_s:g} s."]
    _set_durations(
        found,
        {
            id(each.row): step_s
            for each, step_s in zip(named, [*steps_s, epoch_s], strict=True)
            if step_s > 0
        },
    )
    _refuse_unknown_changes(found)
    return [f"The stages give no durations: each lasts until the next, the last one {epoch_s:g} s."]


def _are_change_points(named: Sequence[_Named], steps_s: Sequence[float], epoch_s: float) -> bool:
    """Whether rows are written where the stage changes, and not for every epoch.

    A list of epochs names the same stage again and again, and most rows are an epoch apart.

    Raises
    ------
    StageFileError
        When both may be.
    """
    repeats = any(each.stage == after.stage for each, after in pairwise(named))
    near = sum(abs(step_s - epoch_s) <= _NEAR_S for step_s in steps_s)
    if len(named) < _FEWEST_ROWS:
        return False
    is_sparse = near < len(steps_s) / 2
    if repeats and is_sparse:
        raise StageFileError(
            "The stages have no durations and there are gaps. Each stage may last one epoch or"
            " until the next one",
            where=f"{len(named)} stages, {len(steps_s) - near} gaps",
            advice="Export a duration for each stage, or a stage for every epoch.",
        )
    return not repeats and (is_sparse or len(named) >= _FEWEST_CHANGES)


def _give_unknown_durations(found: _Sorted, epoch_s: float) -> None:
    """Give texts that may be stages the duration of the stages, where none has a duration."""
    found.others = [
        row
        if row.duration_s is not None or _is_surely_event(row.text)
        else replace(row, duration_s=epoch_s)
        for row in found.others
    ]


def _refuse_unknown_changes(found: _Sorted) -> None:
    """Collect texts that may end a stage: among change points every text without duration can."""
    for row in found.others:
        if row.duration_s is None and not _is_surely_event(row.text):
            found.add_unknown(row)
    found.others = [row for row in found.others if row.duration_s or _is_surely_event(row.text)]


def _set_durations(found: _Sorted, durations_s: dict[int, float]) -> None:
    def timed(each: _Named) -> _Named:
        duration_s = durations_s.get(id(each.row), each.row.duration_s)
        return replace(each, row=replace(each.row, duration_s=duration_s))

    found.stages = [timed(each) for each in found.stages]
    found.weak = [timed(each) for each in found.weak]


def _unit_s(steps_s: Sequence[float]) -> float:
    near_20 = sum(abs(step_s - RK_EPOCH_S) <= _NEAR_S for step_s in steps_s)
    return RK_EPOCH_S if near_20 > len(steps_s) / 2 else EPOCH_S


def _commonest(durations_s: Sequence[float]) -> float:
    return Counter(durations_s).most_common(1)[0][0]


def _epoch_s(found: _Sorted, options: StageOptions) -> float:
    if options.epoch_s:
        return options.epoch_s
    durations_s = [each.duration_s for each in found.stages]
    short = sum(abs(duration_s - RK_EPOCH_S) <= _NEAR_S for duration_s in durations_s)
    is_short = short > len(durations_s) / 2 or are_of_20_s(durations_s)
    return RK_EPOCH_S if is_short else EPOCH_S


# What lies between the stages.


def _settle_weak(found: _Sorted, named: _Named, cover: Cover, epoch_s: float) -> None:
    if cover.has_any(named.row.onset_s, named.duration_s):
        found.events.append(named.row)
        return
    if _is_whole(named.duration_s, epoch_s):
        found.stages.append(named)
    else:
        # What lasts no whole epochs leaves them without a stage, as a text for no stage does.
        found.events.append(named.row)
    if not named.text and named.row.text.strip():
        found.declared[None] += 1


def _settle_other(found: _Sorted, row: Row, cover: Cover, epoch_s: float) -> None:
    """Tell an event from a stage that is not understood.

    A text of unknown words over time that no stage covers would leave a hole in the hypnogram; it
    may be a stage. What lies over stages is another event.
    """
    uncovered_s = (row.duration_s or 0.0) - cover.covered_s(row.onset_s, row.duration_s or 0.0)
    if uncovered_s >= _SHORTEST_S and not _is_event(row, epoch_s):
        found.add_unknown(row)
    else:
        found.events.append(row)


def _is_whole(duration_s: float, epoch_s: float) -> bool:
    """Whether a duration is a whole number of epochs."""
    count = round(duration_s / epoch_s)
    return count >= 1 and abs(duration_s - count * epoch_s) <= _NEAR_S


def _is_event(row: Row, epoch_s: float) -> bool:
    """Whether a row names an event; an artefact only where it lasts as an epoch never does."""
    is_named = known_event(row.text) is not None and not has_stage_name(row.text)
    return _is_surely_event(row.text) or (
        is_named and not _is_whole(row.duration_s or 0.0, epoch_s)
    )


def _is_surely_event(text: str) -> bool:
    known = known_event(text)
    # An artefact over a whole epoch is how some programs write that the epoch has no stage.
    return known is not None and known[0] != EventKind.ARTEFACT and not has_stage_name(text)


def _entry(named: _Named) -> StageEntry:
    row = named.row
    text = named.text[:_LONGEST_TEXT]
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
