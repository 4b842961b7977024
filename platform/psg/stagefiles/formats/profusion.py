"""Compumedics Profusion XML: a list of codes by epoch, and events in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from psg.stagefiles.codes import CODE_MAPS
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.xmltree import numbered, read_tree, root_name, text_of
from psg.stages import EPOCH_S


def _recognises(content: Content) -> bool:
    return root_name(content) == "CMPStudyConfig"


def _read(content: Content, options: StageOptions) -> StageFile:
    rows = epochs_and_events(read_tree(content))
    reading = read_rows(rows, options, codes=CODE_MAPS["profusion"])
    return stage_file(FORMAT.id, [reading], options)


def epochs_and_events(root: ElementTree.Element) -> list[Row]:
    """Read the stages and the other events of a tree."""
    text = text_of(root, ".//EpochLength")
    epoch_s = number_of(text, "EpochLength") if text else EPOCH_S
    return [*_stages(root, epoch_s), *_events(root)]


def _stages(root: ElementTree.Element, epoch_s: float) -> Iterator[Row]:
    stages = root.iterfind(".//SleepStages/SleepStage")
    for index, (where, element) in enumerate(numbered(stages, "SleepStage")):
        text = (element.text or "").strip()
        yield Row(epoch_s * index, epoch_s, text, where=where, is_stage=True)


def _events(root: ElementTree.Element) -> Iterator[Row]:
    for where, event in numbered(root.iterfind(".//ScoredEvents/ScoredEvent"), "ScoredEvent"):
        onset_s = optional_number(text_of(event, "Start"))
        if onset_s is not None:
            yield Row(
                onset_s,
                optional_number(text_of(event, "Duration")) or 0.0,
                text_of(event, "Name"),
                where=where,
                channel=text_of(event, "Input"),
                is_stage=False,
            )


FORMAT = StageFormat(
    id="profusion",
    title="Compumedics Profusion XML",
    suffixes=(".xml",),
    recognises=_recognises,
    read=_read,
    reads="The codes of SleepStages (0-5, 6 movement, 9 unscored), one for each EpochLength from"
    " the start of the recording, and the scored events.",
    refuses="Codes outside of the map of Profusion, and files with a document type.",
    description="https://github.com/nsrr/edf-editor-translator/wiki/Compumedics-Annotation-Format",
)
