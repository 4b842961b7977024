"""NSRR and Profusion XML, told apart by their tags. Both write REM as 5."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.parsers import expat

from psg.errors import StageFileError
from psg.stagefiles.codes import CODE_MAPS, stage_of
from psg.stagefiles.entry import StageEntry
from psg.stages import EPOCH_S

_CODES = CODE_MAPS["profusion"]


def read_xml_stages(data: bytes) -> list[StageEntry]:
    """Read NSRR (``ScoredEvent`` of type Stages) or Profusion (``SleepStage``) stages."""
    root = _parse(data)
    epoch_s = _epoch_s(root)
    profusion = root.findall(".//SleepStages/SleepStage")
    if profusion:
        return [
            _entry(epoch_s * index, epoch_s, element.text or "")
            for index, element in enumerate(profusion)
        ]
    return [
        _nsrr_entry(event)
        for event in root.iter("ScoredEvent")
        if (event.findtext("EventType") or "").startswith("Stages")
    ]


def _parse(data: bytes) -> ElementTree.Element:
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


def _epoch_s(root: ElementTree.Element) -> float:
    text = root.findtext(".//EpochLength")
    return EPOCH_S if text is None else _number(text, "EpochLength")


def _nsrr_entry(event: ElementTree.Element) -> StageEntry:
    onset_s = _number(event.findtext("Start"), "Start")
    duration_s = _number(event.findtext("Duration"), "Duration")
    concept = event.findtext("EventConcept") or ""
    return _entry(onset_s, duration_s, concept.rpartition("|")[2])


def _entry(onset_s: float, duration_s: float, code: str) -> StageEntry:
    return StageEntry(onset_s, duration_s, stage_of(code, _CODES), code)


def _number(text: str | None, tag: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise StageFileError(
            "A time in the XML is not a number", where=tag, advice="Export the stages again."
        ) from None
