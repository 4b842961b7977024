"""Formats of stage files besides EDF+: plain text, csv, json, NSRR and Profusion XML."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from typing import TypeVar
from xml.etree import ElementTree
from xml.parsers import expat

from psg.errors import StageFileError
from psg.stagefiles.entries import CODE_MAPS, CodeMap, StageEntry, stage_of
from psg.stages import EPOCH_S, Stage

# A week of stages in pieces of six seconds; a line of a stage is short in every format.
MOST_STAGES = 100_000
LONGEST_LINE = 50_000
_LONGEST_JSON = 40 * MOST_STAGES

T = TypeVar("T")


def check_count(count: int) -> None:
    """Refuse more stages than a recording can have."""
    if count > MOST_STAGES:
        raise StageFileError(
            f"The file has more than {MOST_STAGES:,} stages",
            where=f"{count:,} stages",
            advice="It should have one stage for each epoch of one recording.",
        )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers from 1, each short and together not too many."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if len(line) > LONGEST_LINE:
            raise StageFileError(
                f"A line has more than {LONGEST_LINE:,} characters",
                where=f"line {number}",
                advice="A line should hold one stage. Is this a stage file?",
            )
        if number > MOST_STAGES:
            raise StageFileError(
                f"The file has more than {MOST_STAGES:,} lines",
                where=f"line {number}",
                advice="It should have one line for each epoch of one recording.",
            )
        yield number, line


def _at(where: str, make: Callable[[], T]) -> T:
    """Make something of a part of a file, and name the part when that is refused."""
    try:
        return make()
    except StageFileError as error:
        place = f"{where}: {error.where}" if error.where else where
        raise type(error)(error.what, where=place, advice=error.advice) from None


def read_text_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read stages from lines; lines that start with ``*`` or ``#`` describe the file."""
    lines = [
        (number, line.strip())
        for number, line in _lines(text)
        if line.strip() and not line.lstrip().startswith(("*", "#"))
    ]
    # Visbrain has two columns, a name and a time; "Sleep stage N2" ends in no number > 5.
    if lines and all(_end_s(line) is not None for _, line in lines):
        return _visbrain(lines, code_map)
    return [
        StageEntry(EPOCH_S * index, EPOCH_S, stage_on_line(line, number, code_map), line)
        for index, (number, line) in enumerate(lines)
    ]


def stage_on_line(text: str, number: int, code_map: CodeMap | None) -> Stage | None:
    """Read a stage and name the line when it cannot be read."""
    return _at(f"line {number}", lambda: stage_of(text, code_map))


def _end_s(line: str) -> float | None:
    name, _, last = line.replace("\t", " ").rpartition(" ")
    try:
        end_s = float(last)
    except ValueError:
        return None
    is_time = math.isfinite(end_s) and name.strip().lower() not in {"sleep stage", "stage", ""}
    return end_s if is_time else None


def _visbrain(lines: list[tuple[int, str]], code_map: CodeMap | None) -> list[StageEntry]:
    entries: list[StageEntry] = []
    onset_s = 0.0
    for number, line in lines:
        name = line.replace("\t", " ").rpartition(" ")[0].strip()
        end_s = _end_s(line) or 0.0
        if end_s <= onset_s:
            raise StageFileError(
                "The end times do not increase",
                where=f"line {number}",
                advice="Each line should hold a stage and the second at which it ends.",
            )
        stage = stage_on_line(name, number, code_map)
        entries.append(_entry_on_line(number, onset_s, end_s - onset_s, stage, name))
        onset_s = end_s
    return entries


def _entry_on_line(
    number: int, onset_s: float, duration_s: float, stage: Stage | None, text: str
) -> StageEntry:
    return _at(f"line {number}", lambda: StageEntry(onset_s, duration_s, stage, text))


_STAGE_NAMES = ("stage", "sleep_stage", "label", "annotation", "description")
_EPOCH_NAMES = ("epoch", "epoch_index")
_ONSET_NAMES = ("onset_s", "onset", "start_s", "start")
_DURATION_NAMES = ("duration_s", "duration")


def read_csv_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read a csv with a header row: ``stage``, and ``epoch`` (from 0) or ``onset_s``."""
    lines = [line for _, line in _lines(text)]
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    try:
        return list(_csv_entries(reader, code_map))
    except csv.Error as error:
        raise StageFileError(
            f"Not a readable csv file: {error}",
            where=f"line {reader.line_num} on",
            advice="Is a quotation mark missing or out of place?",
        ) from None


def _csv_entries(reader: csv.DictReader[str], code_map: CodeMap | None) -> Iterator[StageEntry]:
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    stage_column = _first_column(columns, _STAGE_NAMES)
    epoch_column = _first_column(columns, _EPOCH_NAMES)
    onset_column = _first_column(columns, _ONSET_NAMES)
    if stage_column is None or (epoch_column or onset_column) is None:
        raise StageFileError(
            "The csv lacks a stage column or an epoch or onset column",
            where=f"columns {', '.join(columns)[:120]}",
            advice="Name them stage, and epoch (counted from 0) or onset_s (seconds).",
        )
    duration_column = _first_column(columns, _DURATION_NAMES)
    for number, row in enumerate(reader, start=2):
        onset_s = (
            _cell_number(row[onset_column], number)
            if onset_column
            else EPOCH_S * _cell_number(row[epoch_column or ""], number)
        )
        duration_s = _cell_number(row[duration_column], number) if duration_column else EPOCH_S
        stage_text = row[stage_column] or ""
        stage = stage_on_line(stage_text, number, code_map)
        yield _entry_on_line(number, onset_s, duration_s, stage, stage_text)


def read_json_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read a json list with a stage or code for each epoch."""
    if len(text) > _LONGEST_JSON:
        raise StageFileError(
            "The json is too large for the stages of a recording",
            where=f"over {_LONGEST_JSON:,} characters",
            advice="It should be a list with one stage per epoch.",
        )
    try:
        stages = json.loads(text)
    except RecursionError:
        raise StageFileError(
            "The json is nested too deeply",
            where="lists inside lists",
            advice="It should be a list with one stage per epoch.",
        ) from None
    except ValueError as error:
        raise StageFileError(
            "The json is damaged", where=str(error)[:120], advice="Export the stages again."
        ) from None
    if not isinstance(stages, list):
        raise StageFileError(
            "The json is not a list of stages", advice="It should hold one stage per epoch."
        )
    check_count(len(stages))
    return [
        StageEntry(EPOCH_S * index, EPOCH_S, _json_stage(item, index, code_map), "")
        for index, item in enumerate(stages)
    ]


def _json_stage(item: object, index: int, code_map: CodeMap | None) -> Stage | None:
    where = f"item {index + 1} of the list"
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        raise StageFileError(
            "The json holds something that is not a stage",
            where=where,
            advice="It should be a list of names such as “N2”, or of codes.",
        )
    return _at(where, lambda: stage_of(str(item), code_map))


def _first_column(columns: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _cell_number(text: str | None, line: int) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StageFileError(
            "A number is missing, unreadable or not finite",
            where=f"line {line}",
            advice="Correct the line.",
        )
    return value


# NSRR and Profusion XML, distinguished by their tags. Both write REM as 5.

_XML_CODES = CODE_MAPS["profusion"]


# NSRR files list every event of a night with some ten elements each; formats of stages are flat.
_MOST_ELEMENTS = 1_000_000
_DEEPEST = 50


def read_xml_stages(data: bytes) -> list[StageEntry]:
    """Read NSRR (``ScoredEvent`` of type Stages) or Profusion (``SleepStage``) stages."""
    root = _parse_xml(data)
    epoch_s = _xml_epoch_s(root)
    profusion = root.findall(".//SleepStages/SleepStage")
    if profusion:
        check_count(len(profusion))
        return [
            _xml_entry(f"SleepStage {index + 1}", epoch_s * index, epoch_s, element.text or "")
            for index, element in enumerate(profusion)
        ]
    events = [
        (f"ScoredEvent {number}", event)
        for number, event in enumerate(root.iter("ScoredEvent"), start=1)
        if (event.findtext("EventType") or "").startswith("Stages")
    ]
    check_count(len(events))
    return [_nsrr_entry(where, event) for where, event in events]


def _parse_xml(data: bytes) -> ElementTree.Element:
    """Parse without document types: entities are how small files grow without end."""
    guard = expat.ParserCreate()
    bounds = _XmlBounds(guard)
    guard.StartDoctypeDeclHandler = _refuse_doctype
    guard.StartElementHandler = bounds.start
    guard.EndElementHandler = bounds.end
    try:
        guard.Parse(data, True)
        return ElementTree.fromstring(data)
    # Expat knows few encodings; others are a ValueError or a LookupError.
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise StageFileError(
            "The XML is damaged", where=str(error)[:120], advice="Export the stages again."
        ) from None


class _XmlBounds:
    """Counts elements and depth, before a tree is made of them."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        self._elements = self._depth = 0

    def start(self, *_element: object) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > _MOST_ELEMENTS:
            raise StageFileError(
                f"The XML has more than {_MOST_ELEMENTS:,} elements",
                where=self._place,
                advice="Export the stages of one recording.",
            )
        if self._depth > _DEEPEST:
            raise StageFileError(
                f"The XML is nested more than {_DEEPEST} levels deep",
                where=self._place,
                advice="Export the stages again.",
            )

    def end(self, *_element: object) -> None:
        self._depth -= 1

    @property
    def _place(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"


def _refuse_doctype(*_declaration: object) -> None:
    raise StageFileError(
        "The XML declares a document type, which stage files never need",
        where="DOCTYPE",
        advice="Remove the DOCTYPE line.",
    )


def _xml_epoch_s(root: ElementTree.Element) -> float:
    text = root.findtext(".//EpochLength")
    return EPOCH_S if text is None else _time_s(text, "EpochLength")


def _nsrr_entry(where: str, event: ElementTree.Element) -> StageEntry:
    onset_s = _time_s(event.findtext("Start"), f"{where}, Start")
    duration_s = _time_s(event.findtext("Duration"), f"{where}, Duration")
    concept = event.findtext("EventConcept") or ""
    return _xml_entry(where, onset_s, duration_s, concept.rpartition("|")[2])


def _xml_entry(where: str, onset_s: float, duration_s: float, code: str) -> StageEntry:
    return _at(where, lambda: StageEntry(onset_s, duration_s, stage_of(code, _XML_CODES), code))


def _time_s(text: str | None, where: str) -> float:
    try:
        value_s = float(text or "")
    except ValueError:
        value_s = math.nan
    if not math.isfinite(value_s):
        raise StageFileError(
            "A time in the XML is not a finite number of seconds",
            where=where,
            advice="Export the stages again.",
        )
    return value_s
