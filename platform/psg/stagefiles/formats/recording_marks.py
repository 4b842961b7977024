"""Annotations of recordings of other formats than EDF: markers of BrainVision, events of EEGLAB."""

from __future__ import annotations

import tempfile
from pathlib import Path

from psg.errors import RecordingFileError
from psg.readers import files_of_zip, open_recording
from psg.readers.containers import ZIP_MARKS
from psg.readers.registry import format_of
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.edf_annotations import row_of
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import read_rows


def _recognises(content: Content) -> bool:
    known = format_of(content.head)
    if known is not None:
        return known.id != "edf"
    if not content.head.startswith(ZIP_MARKS):
        return False
    try:
        return len(files_of_zip(content.path).nights) == 1
    except RecordingFileError:
        return False


def _read(content: Content, options: StageOptions) -> StageFile:
    with tempfile.TemporaryDirectory() as folder:
        night = open_recording(content.path, spool=Path(folder), name=content.name)
        rows = [row_of(annotation) for annotation in night.annotations()]
    reading = read_rows(rows, options, clock_s=night.start_clock_s)
    days = () if night.start_day is None else (night.start_day,)
    return stage_file(FORMAT.id, [reading], options, days=days)


FORMAT = StageFormat(
    id="recording_marks",
    title="Markers and events of a recording",
    suffixes=(".bdf", ".vhdr", ".set", ".fif", ".gdf", ".zip"),
    recognises=_recognises,
    read=_read,
    reads="Annotations of BDF+ and FIF, markers of BrainVision, events of EEGLAB and GDF: texts, or"
    " codes of stages, with onset and duration. Give the recording as the stage file too, with all"
    " its files.",
    refuses="Integers without a declared meaning, and stages of unknown words.",
    description="https://mne.tools/stable/auto_tutorials/raw/30_annotate_raw.html",
)
