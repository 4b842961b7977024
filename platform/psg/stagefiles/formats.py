"""Formats of stage files besides EDF+: plain text, csv, json, NSRR and Profusion XML."""

from __future__ import annotations

import csv
import json
import math
from xml.etree import ElementTree
from xml.parsers import expat

from psg.errors import StageFileError, UnknownStageTextError
from psg.stagefiles.entries import CODE_MAPS, CodeMap, StageEntry, stage_of
from psg.stages import EPOCH_S, Stage


def read_text_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read stages from lines; lines that start with ``*`` or ``#`` describe the file."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
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
    try:
        return stage_of(text, code_map)
    except UnknownStageTextError as error:
        raise UnknownStageTextError(
            error.what, where=f"line {number}", advice=error.advice
        ) from None


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
        entries.append(StageEntry(onset_s, end_s - onset_s, stage, name))
        onset_s = end_s
    return entries


_STAGE_NAMES = ("stage", "sleep_stage", "label", "annotation", "description")
_EPOCH_NAMES = ("epoch", "epoch_index")
_ONSET_NAMES = ("onset_s", "onset", "start_s", "start")
_DURATION_NAMES = ("duration_s", "duration")


def read_csv_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read a csv with a header row: ``stage``, and ``epoch`` (from 0) or ``onset_s``."""
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
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
    entries = []
    for number, row in enumerate(reader, start=2):
        onset_s = (
            _cell_number(row[onset_column], number)
            if onset_column
            else EPOCH_S * _cell_number(row[epoch_column or ""], number)
        )
        duration_s = _cell_number(row[duration_column], number) if duration_column else EPOCH_S
        stage_text = row[stage_column] or ""
        stage = stage_on_line(stage_text, number, code_map)
        entries.append(StageEntry(onset_s, duration_s, stage, stage_text))
    return entries


def read_json_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read a json list with a stage or code for each epoch."""
    try:
        stages = json.loads(text)
    except (ValueError, RecursionError):
        stages = None
    if not isinstance(stages, list):
        raise StageFileError(
            "The json is not a list of stages", advice="It should hold one stage per epoch."
        )
    return [
        StageEntry(EPOCH_S * index, EPOCH_S, stage_on_line(str(item), index + 1, code_map), "")
        for index, item in enumerate(stages)
    ]


def _first_column(columns: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _cell_number(text: str | None, line: int) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StageFileError(
            "A number is missing or unreadable", where=f"line {line}", advice="Correct the line."
        )
    return value


# NSRR and Profusion XML, distinguished by their tags. Both write REM as 5.

_XML_CODES = CODE_MAPS["profusion"]


def read_xml_stages(data: bytes) -> list[StageEntry]:
    """Read NSRR (``ScoredEvent`` of type Stages) or Profusion (``SleepStage``) stages."""
    root = _parse_xml(data)
    epoch_s = _xml_epoch_s(root)
    profusion = root.findall(".//SleepStages/SleepStage")
    if profusion:
        return [
            _xml_entry(epoch_s * index, epoch_s, element.text or "")
            for index, element in enumerate(profusion)
        ]
    return [
        _nsrr_entry(event)
        for event in root.iter("ScoredEvent")
        if (event.findtext("EventType") or "").startswith("Stages")
    ]


def _parse_xml(data: bytes) -> ElementTree.Element:
    """Parse without document types: entities are how small files grow without end."""
    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = _refuse_doctype
    try:
        guard.Parse(data, True)
        return ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError) as error:
        raise StageFileError(
            "The XML is damaged", where=str(error), advice="Export the stages again."
        ) from None


def _refuse_doctype(*_declaration: object) -> None:
    raise StageFileError(
        "The XML declares a document type, which stage files never need",
        advice="Remove the DOCTYPE line.",
    )


def _xml_epoch_s(root: ElementTree.Element) -> float:
    text = root.findtext(".//EpochLength")
    return EPOCH_S if text is None else _time_s(text, "EpochLength")


def _nsrr_entry(event: ElementTree.Element) -> StageEntry:
    onset_s = _time_s(event.findtext("Start"), "Start")
    duration_s = _time_s(event.findtext("Duration"), "Duration")
    concept = event.findtext("EventConcept") or ""
    return _xml_entry(onset_s, duration_s, concept.rpartition("|")[2])


def _xml_entry(onset_s: float, duration_s: float, code: str) -> StageEntry:
    return StageEntry(onset_s, duration_s, stage_of(code, _XML_CODES), code)


def _time_s(text: str | None, tag: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise StageFileError(
            "A time in the XML is not a number", where=tag, advice="Export the stages again."
        ) from None
