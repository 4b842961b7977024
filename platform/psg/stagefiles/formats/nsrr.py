"""NSRR XML: events with concepts, also the older files with concepts of the sleep ontology."""

from __future__ import annotations

from xml.etree import ElementTree

from psg.stagefiles.clocks import Clock, read_clock
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.xmltree import numbered, read_tree, root_name, text_of

# The second part of a concept is its code: "Stage 2 sleep|2".
_CONCEPTS = {
    "wake|0": "W",
    "stage 1 sleep|1": "N1",
    "stage 2 sleep|2": "N2",
    "stage 3 sleep|3": "N3",
    "stage 4 sleep|4": "N4",
    "rem sleep|5": "R",
    "movement|6": "movement",
    "unscored|9": "unscored",
    # Sleep Domain Ontology: the older files of SHHS.
    "sdo:wakestate": "W",
    "sdo:nonrapideyemovementsleep n1": "N1",
    "sdo:nonrapideyemovementsleep n2": "N2",
    "sdo:nonrapideyemovementsleep n3": "N3",
    "sdo:nonrapideyemovementsleep n4": "N4",
    "sdo:rapideyemovementsleep": "R",
    # Its sibling in files of SOF.
    "sro:wake": "W",
    "sro:stage1sleep": "N1",
    "sro:stage2sleep": "N2",
    "sro:stage3sleep": "N3",
    "sro:stage4sleep": "N4",
    "sro:stage34sleep": "N3",
    "sro:rapideyemovement": "R",
}
# Some files have zeros instead of a date and a time.
_NO_CLOCK = Clock(0.0, "00.00.00")
_NAMES = {key.partition("|")[0]: word for key, word in _CONCEPTS.items() if "|" in key}
_CODES = {key.partition("|")[2]: word for key, word in _CONCEPTS.items() if "|" in key}
# A concept of these ontologies with such a word is a stage, known or not.
_SAYS_STAGE = ("eyemovement", "wakestate", "sro:wake", "sro:stage")


def _recognises(content: Content) -> bool:
    return root_name(content) == "PSGAnnotation"


def _read(content: Content, options: StageOptions) -> StageFile:
    root = read_tree(content)
    reading = read_rows(scored_events(root), options, clock_s=_clock_s(root))
    return stage_file(FORMAT.id, [reading], options)


def scored_events(root: ElementTree.Element) -> list[Row]:
    """Read the stages and the other events of a tree."""
    return [
        row
        for where, event in numbered(root.iter("ScoredEvent"), "ScoredEvent")
        if not _is_start(event) and (row := _row(where, event)) is not None
    ]


def _row(where: str, event: ElementTree.Element) -> Row | None:
    """Read an event; None where it is no stage and says no time."""
    concept = text_of(event, "EventConcept")
    start, duration = text_of(event, "Start"), text_of(event, "Duration")
    if text_of(event, "EventType").startswith("Stages") or _is_stage(concept):
        return Row(
            number_of(start, f"{where}, Start"),
            number_of(duration, f"{where}, Duration"),
            _word(concept),
            where=where,
            is_stage=True,
        )
    onset_s = optional_number(start)
    if onset_s is None:
        return None
    return Row(
        onset_s,
        optional_number(duration) or 0.0,
        concept.partition("|")[0],
        where=where,
        channel=text_of(event, "SignalLocation"),
        is_stage=False,
    )


def _is_stage(concept: str) -> bool:
    name = concept.lower()
    return name.startswith(("sdo:", "sro:")) and any(word in name for word in _SAYS_STAGE)


def _word(concept: str) -> str:
    """Name of the stage; the concept itself where it is unknown, or its two halves disagree."""
    key = " ".join(concept.lower().replace("-", " ").split())
    if key in _CONCEPTS:
        return _CONCEPTS[key]
    name, _, code = key.partition("|")
    words = {_NAMES.get(name), _CODES.get(code)} - {None}
    return words.pop() or concept if len(words) == 1 else concept


def _is_start(event: ElementTree.Element) -> bool:
    return text_of(event, "EventConcept").startswith("Recording Start")


def _clock_s(root: ElementTree.Element) -> float | None:
    """Clock of the start of the recording, which is the zero of the file."""
    for event in root.iter("ScoredEvent"):
        clock = read_clock(text_of(event, "ClockTime"))
        if clock is not None and _is_start(event) and clock != _NO_CLOCK:
            return clock.second - (optional_number(text_of(event, "Start")) or 0.0)
    return None


FORMAT = StageFormat(
    id="nsrr",
    title="NSRR XML",
    suffixes=(".xml",),
    recognises=_recognises,
    read=_read,
    reads="Stages and events of PSGAnnotation files, with the concepts of NSRR and of the older"
    " SHHS and SOF files (SDO, SRO), placed by the clock of “Recording Start Time”.",
    refuses="Concepts of stages that are not known, and files with a document type.",
    description="https://github.com/nsrr/edf-editor-translator/wiki",
)
