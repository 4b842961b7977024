"""XML of Compumedics Profusion: a ``SleepStage`` element for each epoch."""

from __future__ import annotations

from psg.stagefiles.bounds import check_count
from psg.stagefiles.codes import CODE_MAPS
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.xml import head_has, is_xml, parse_xml, xml_seconds
from psg.stages import EPOCH_S


def _recognises(content: Content) -> bool:
    return is_xml(content) and not head_has(content, "<PSGAnnotation", "<ScoredEvent")


def _read(content: Content, options: StageOptions) -> StageFile:
    root = parse_xml(content.data)
    written = root.findtext(".//EpochLength")
    epoch_s = EPOCH_S if written is None else xml_seconds(written, "EpochLength")
    elements = root.findall(".//SleepStages/SleepStage")
    check_count(len(elements))
    rows = [
        Row(
            epoch_s * index,
            epoch_s,
            element.text or "",
            where=f"SleepStage {index + 1}",
            is_stage=True,
        )
        for index, element in enumerate(elements)
    ]
    reading = read_rows(rows, options, codes=CODE_MAPS["profusion"], by_epoch=True)
    return stage_file(FORMAT.id, [reading], options)


FORMAT = StageFormat(
    id="profusion",
    title="Profusion XML",
    suffixes=(".xml",),
    recognises=_recognises,
    read=_read,
    reads="A SleepStage for each epoch from the start of the recording; 5 is REM, 6 and 9 are no"
    " stage.",
    refuses="Stages of unknown codes.",
    description="https://github.com/nsrr/edf-editor-translator",
)
