"""A row of a stage file, and the rows of a scorer sorted by what their texts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from psg.doubts import Doubt
from psg.lights import lights_word
from psg.stagefiles.codes import RK_NUMBERS, CodeMap, code_of
from psg.stagefiles.declared import declared_texts, digest_of
from psg.stagefiles.entries import LONGEST_TEXT
from psg.stagefiles.events import known_event
from psg.stagefiles.facts import StageOptions
from psg.stagefiles.words import is_end, says_stage, stage_word, without_channel
from psg.stages import Stage


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
class Named:
    """A row whose text names a stage or "no stage"."""

    row: Row
    stage: Stage | None
    text: str

    @property
    def duration_s(self) -> float:
        return self.row.duration_s or 0.0


@dataclass
class Sorted:
    stages: list[Named] = field(default_factory=list)
    # A stage only where no other lies: texts for "no stage" are names of other events too, and a
    # bare "R" beside "Sleep stage R" may mean the right side.
    weak: list[Named] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    declared: Counter[Stage | None] = field(default_factory=Counter)

    def add_declared(self, row: Row, stage: Stage | None) -> None:
        """Add a row whose text a person declared; the text itself is not kept."""
        if stage is None:
            self.weak.append(Named(row, None, ""))
        else:
            self.stages.append(Named(row, stage, ""))
            self.declared[stage] += 1

    def add_unknown(self, row: Row) -> None:
        text = without_channel(row.text)
        self.unknown[text] += 1
        self.places.setdefault(text, row.where)


# What the texts say.


def sorted_rows(rows: Sequence[Row], options: StageOptions, codes: CodeMap | None) -> Sorted:
    found = Sorted()
    declared = declared_texts(options.unscored, options.meanings)
    has_prefix = any(says_stage(row.text) for row in rows)
    are_rk = not has_prefix and _are_rk_numbers(rows)
    numbers = codes or (RK_NUMBERS if are_rk and _is_4_certain(rows) else None)
    numbers_are_stages = bool(numbers) or are_rk or not any(names_a_stage(row.text) for row in rows)
    end_s = _end_s(rows)
    for row in rows:
        text = without_channel(row.text)
        word, code = stage_word(text), code_of(text)
        if row.onset_s < end_s and is_end(text):
            word = None
        if row.is_stage is False:
            (found.marks if lights_word(text) else found.events).append(row)
        elif (digest := digest_of(text)) in declared if declared else False:
            found.add_declared(row, declared[digest])
        elif code is not None and (row.is_stage or numbers_are_stages):
            _add_code(found, row, code, numbers)
        elif word is not None:
            is_sure = row.is_stage or word.has_prefix or (word.stage is not None and not has_prefix)
            (found.stages if is_sure else found.weak).append(Named(row, word.stage, text))
        elif lights_word(text):
            found.marks.append(row)
        elif row.is_stage or says_stage(text):
            found.add_unknown(row)
        else:
            found.others.append(row)
    return found


def _end_s(rows: Sequence[Row]) -> float:
    """Return the onset of the last row that may be a stage: an end can stand from there on."""
    if not any(is_end(row.text) for row in rows):
        return 0.0
    return max(
        (
            row.onset_s
            for row in rows
            if not (is_end(row.text) or lights_word(row.text) or known_event(row.text))
        ),
        default=0.0,
    )


def names_a_stage(text: str) -> bool:
    word = stage_word(text)
    return word is not None and word.stage is not None


def _are_rk_numbers(rows: Sequence[Row]) -> bool:
    """Whether 1-4 stand among bare names for wake and REM, so that they are stages of sleep.

    Beside names of other stages a number is something else.
    """
    numbers = {code for row in rows if (code := code_of(row.text)) is not None}
    named = _bare_stages(rows) - {None}
    return numbers <= RK_NUMBERS.keys() and bool(named) and named <= {Stage.W, Stage.R}


def _is_4_certain(rows: Sequence[Row]) -> bool:
    """Whether a 4 can be no REM, as some tools write it: where REM has a name, or none is 4."""
    return Stage.R in _bare_stages(rows) or all(code_of(row.text) != 4 for row in rows)


def _bare_stages(rows: Sequence[Row]) -> set[Stage | None]:
    words = (stage_word(row.text) for row in rows)
    return {word.stage for word in words if word is not None and not word.has_prefix}


def _add_code(found: Sorted, row: Row, code: int, numbers: CodeMap | None) -> None:
    text = row.text.strip()[:LONGEST_TEXT]
    if numbers is None:
        found.codes.add(code)
        found.stages.append(Named(row, None, text))
    elif code in numbers:
        found.stages.append(Named(row, numbers[code], text))
    else:
        found.add_unknown(row)
