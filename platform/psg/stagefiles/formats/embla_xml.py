"""Embla and RemLogic XML: events with a type, and start and stop times with dates."""

from __future__ import annotations

from xml.etree import ElementTree

from psg.stagefiles.clocks import clock_of, span_timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.remlogic import is_stage_event
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.xmltree import numbered, read_tree, root_name, text_of

_HEAD_CHARACTERS = 20_000


def _recognises(content: Content) -> bool:
    if root_name(content) in {"", "PSGAnnotation", "CMPStudyConfig", "PatientStudy"}:
        return False
    head = content.text[:_HEAD_CHARACTERS]
    return all(mark in head for mark in ("<Event", "<Type>", "<StartTime>", "<StopTime>"))


def _read(content: Content, options: StageOptions) -> StageFile:
    events = list(numbered(read_tree(content).iter("Event"), "Event"))
    line = span_timeline(
        [clock_of(text_of(event, "StartTime"), f"{where}, StartTime") for where, event in events],
        [clock_of(text_of(event, "StopTime"), f"{where}, StopTime") for where, event in events],
    )
    rows = [
        _row(where, event, onset_s, end_s - onset_s)
        for (where, event), onset_s, end_s in zip(events, line.onsets_s, line.ends_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=line.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=line.days)


def _row(where: str, event: ElementTree.Element, onset_s: float, duration_s: float) -> Row:
    name = text_of(event, "Type")
    return Row(
        onset_s,
        max(duration_s, 0.0),
        name,
        where=where,
        channel=text_of(event, "Location"),
        is_stage=is_stage_event(name),
    )


FORMAT = StageFormat(
    id="embla_xml",
    title="Embla and RemLogic XML",
    suffixes=(".xml",),
    recognises=_recognises,
    read=_read,
    reads="Events of type SLEEP-S0 to SLEEP-REM as stages, other types as events, by their start"
    " and stop times.",
    refuses="Events of type SLEEP that are no known stage.",
    description="https://github.com/nsrr/edf-editor-translator/wiki",
)
