"""XML of the National Sleep Research Resource: ``ScoredEvent`` elements of type Stages."""

from __future__ import annotations

from psg.stagefiles.codes import CODE_MAPS
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.xml import head_has, is_xml, parse_xml, xml_seconds


def _recognises(content: Content) -> bool:
    return is_xml(content) and head_has(content, "<PSGAnnotation", "<ScoredEvent")


def _read(content: Content, options: StageOptions) -> StageFile:
    rows = []
    for number, event in enumerate(parse_xml(content.data).iter("ScoredEvent"), start=1):
        if not (event.findtext("EventType") or "").startswith("Stages"):
            continue
        where = f"ScoredEvent {number}"
        onset_s = xml_seconds(event.findtext("Start"), f"{where}, Start")
        duration_s = xml_seconds(event.findtext("Duration"), f"{where}, Duration")
        text = (event.findtext("EventConcept") or "").rpartition("|")[2]
        rows.append(Row(onset_s, duration_s, text, where=where, is_stage=True))
    reading = read_rows(rows, options, codes=CODE_MAPS["profusion"])
    return stage_file(FORMAT.id, [reading], options)


FORMAT = StageFormat(
    id="nsrr",
    title="NSRR XML",
    suffixes=(".xml",),
    recognises=_recognises,
    read=_read,
    reads="Events of type Stages with start and duration; 5 is REM.",
    refuses="Stages of unknown codes.",
    description="https://github.com/nsrr/edf-viewer/wiki",
)
