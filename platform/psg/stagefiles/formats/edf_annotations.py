"""EDF+ annotations, of a file of stages alone or of the recording itself."""

from __future__ import annotations

from psg.edf import EdfFile
from psg.edf.annotations import Annotation
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.scorerlabels import rows_by_scorer

_CHANNEL_MARK = "@@"


def _recognises(content: Content) -> bool:
    head = content.head[:8]
    return len(head) == 8 and head.strip(b" \0") == b"0"


def _read(content: Content, options: StageOptions) -> StageFile:
    edf = EdfFile.open(content.path)
    rows = [row_of(annotation) for annotation in edf.annotations()]
    readings = [
        read_rows(its, options, scorer=scorer, clock_s=edf.start_clock_s)
        for scorer, its in rows_by_scorer(rows).items()
    ]
    days = () if edf.start_day is None else (edf.start_day,)
    return stage_file(FORMAT.id, readings, options, days=days)


def row_of(annotation: Annotation) -> Row:
    """Make a row of an annotation; its text may name a channel as EDF+ does."""
    text, _, channel = annotation.text.partition(_CHANNEL_MARK)
    return Row(
        onset_s=annotation.onset_s,
        duration_s=annotation.duration_s or None,
        text=text.strip(),
        where=f"annotation at {annotation.onset_s:g} s",
        channel=channel.strip(),
    )


FORMAT = StageFormat(
    id="edf",
    title="EDF+ annotations",
    suffixes=(".edf",),
    recognises=_recognises,
    read=_read,
    reads="Texts such as “Sleep stage N2” with onset and duration, lights and other events; onsets"
    " count from the start time in the header.",
    refuses="Integers without a declared meaning, and stages of unknown words.",
    description="https://www.edfplus.info/specs/edfplus.html",
)
