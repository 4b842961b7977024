"""XML whose outermost element no program writes, such as a part of an NSRR or Profusion file."""

from __future__ import annotations

from psg.errors import StageFileError
from psg.stagefiles.codes import CODE_MAPS
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.nsrr import scored_events
from psg.stagefiles.formats.profusion import epochs_and_events
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import read_rows
from psg.stagefiles.xmltree import is_xml, read_tree


def _read(content: Content, options: StageOptions) -> StageFile:
    root = read_tree(content)
    if root.find(".//SleepStages/SleepStage") is not None:
        reading = read_rows(epochs_and_events(root), options, codes=CODE_MAPS["profusion"])
    elif root.find(".//ScoredEvent/EventConcept") is not None:
        reading = read_rows(scored_events(root), options)
    else:
        raise StageFileError(
            "The XML holds no sleep stages of a program that is known",
            where=f"<{root.tag[:40]}>",
            advice="Export the stages as EDF+ annotations, NSRR XML, csv or text.",
        )
    return stage_file(FORMAT.id, [reading], options)


FORMAT = StageFormat(
    id="xml_other",
    title="Other XML",
    suffixes=(".xml",),
    recognises=is_xml,
    read=_read,
    reads="The elements SleepStages of Profusion or ScoredEvent of NSRR under any other element.",
    refuses="XML without them, and files with a document type.",
    is_general=True,
)
