"""Philips Sleepware G3 and Somnolyzer: .rml files, with change points of each scorer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from psg.errors import StageFileError
from psg.stagefiles.clocks import days_of_start, read_clock
from psg.stagefiles.entries import NEAR_S
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.xmltree import numbered, read_tree, root_name, text_of

# Types are written together: ``ObstructiveApnea``.
_WORD_END = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS = {"": "unscored", "notscored": "unscored"}
_SCORERS = {"UserStaging": "user", "MachineStaging": "machine"}


@dataclass(frozen=True)
class _Session:
    """The recording, as far as the file says."""

    clock_s: float | None = None
    days: tuple[int, ...] = ()
    duration_s: float | None = None


def _recognises(content: Content) -> bool:
    return root_name(content) == "PatientStudy"


def _read(content: Content, options: StageOptions) -> StageFile:
    root = read_tree(content)
    session = _session(root)
    events = list(_events(root))
    stagings = list(_stagings(root))
    readings = [
        read_rows(
            [*_change_points(stages, scorer, session), *events],
            options,
            scorer=scorer if len(stagings) > 1 else "",
            clock_s=session.clock_s,
        )
        for scorer, stages in stagings
    ]
    return stage_file(FORMAT.id, readings, options, days=session.days)


def _session(root: ElementTree.Element) -> _Session:
    sessions = list(root.iterfind(".//Acquisition/Sessions/Session"))
    if len(sessions) > 1:
        raise StageFileError(
            "The file has several recording sessions, whose times cannot be told apart",
            where=f"{len(sessions)} sessions",
            advice="Export the stages as EDF+, or each session on its own.",
        )
    if not sessions:
        return _Session()
    clock = read_clock(text_of(sessions[0], "RecordingStart"))
    return _Session(
        clock_s=None if clock is None else clock.second,
        days=() if clock is None else days_of_start([clock]),
        duration_s=optional_number(text_of(sessions[0], "Duration")),
    )


def _stagings(root: ElementTree.Element) -> Iterator[tuple[str, list[ElementTree.Element]]]:
    """Give the stages of each scorer; one scorer may have staged by several manuals."""
    for parent_name, scorer in _SCORERS.items():
        stagings = [
            (staging.tag, list(staging.iterfind("Stage")))
            for parent in root.iterfind(f".//StagingData/{parent_name}")
            for staging in parent
            if staging.tag.endswith("Staging")
        ]
        filled = [(tag, stages) for tag, stages in stagings if stages]
        for tag, stages in filled:
            yield scorer if len(filled) == 1 else f"{scorer} {tag.removesuffix('Staging')}", stages


def _change_points(
    stages: list[ElementTree.Element], scorer: str, session: _Session
) -> Iterator[Row]:
    """Each stage lasts until the next, and the last one until the end of the recording."""
    listed = sorted(
        (number_of(stage.get("Start", ""), f"{where} of {scorer}"), stage.get("Type", "").strip())
        for where, stage in numbered(iter(stages), "Stage")
    )
    for index, (onset_s, name) in enumerate(listed):
        end_s = listed[index + 1][0] if index + 1 < len(listed) else session.duration_s
        duration_s = None if end_s is None else end_s - onset_s
        # A mark at the end of the recording lasts no time; one beyond it has an end nobody knows.
        if duration_s is not None and duration_s < -NEAR_S:
            duration_s = None
        if duration_s is None or duration_s > NEAR_S:
            text = _WORDS.get(name.lower(), name)
            yield Row(onset_s, duration_s, text, where=f"{scorer}, {onset_s:g} s", is_stage=True)


def _events(root: ElementTree.Element) -> Iterator[Row]:
    for where, event in numbered(root.iterfind(".//ScoringData/Events/Event"), "Event"):
        onset_s = optional_number(event.get("Start", ""))
        if onset_s is not None:
            yield Row(
                onset_s,
                optional_number(event.get("Duration", "")) or 0.0,
                _WORD_END.sub(" ", event.get("Type", "")),
                where=where,
                is_stage=False,
            )


FORMAT = StageFormat(
    id="respironics_rml",
    title="Philips Sleepware G3 and Somnolyzer (.rml)",
    suffixes=(".rml", ".xml"),
    recognises=_recognises,
    read=_read,
    reads="The stages of the user and of the machine (Somnolyzer), as two scorers where both are"
    " there; each stage lasts until the next, the last one until the end of the recording.",
    refuses="Files with several recording sessions, and types of stages that are not known.",
    description="https://doi.org/10.1038/s41597-021-00977-w",
)
