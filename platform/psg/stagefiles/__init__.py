"""Stage files in and out. `psg.stagefiles.formats` has a module for each format."""

from psg.edf.writing import write_edf_stages
from psg.stagefiles.align import (
    Aligned,
    NightTimes,
    OtherNightError,
    align,
    night_of_file,
    origin_entries,
)
from psg.stagefiles.codes import CODE_MAPS, CodeMap
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.facts import EventKind, FileEvent, StageFile, StageOptions, StageTable
from psg.stagefiles.on_grid import place_on_grid
from psg.stagefiles.place import (
    Placed,
    PlacedFile,
    align_file,
    asked_tables,
    place_aligned,
    place_aligned_file,
    place_file,
    place_table,
)
from psg.stagefiles.read import only_table, read_entries, read_single, read_stage_file, settled

__all__ = [
    "CODE_MAPS",
    "Aligned",
    "CodeMap",
    "EventKind",
    "FileEvent",
    "NightTimes",
    "OtherNightError",
    "Placed",
    "PlacedFile",
    "StageEntry",
    "StageFile",
    "StageOptions",
    "StageTable",
    "align",
    "align_file",
    "asked_tables",
    "night_of_file",
    "only_table",
    "origin_entries",
    "place_aligned",
    "place_aligned_file",
    "place_file",
    "place_on_grid",
    "place_table",
    "read_entries",
    "read_single",
    "read_stage_file",
    "settled",
    "write_edf_stages",
]
