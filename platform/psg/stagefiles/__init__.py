"""Stage files in and out. `psg.stagefiles.formats` has a module for each format."""

from psg.edf.writing import write_edf_stages
from psg.stagefiles.codes import CODE_MAPS, CodeMap
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.facts import EventKind, FileEvent, StageFile, StageOptions, StageTable
from psg.stagefiles.place import place_20_s_epochs, place_on_grid, placement_notes
from psg.stagefiles.read import only_table, read_entries, read_single, read_stage_file, settled

__all__ = [
    "CODE_MAPS",
    "CodeMap",
    "EventKind",
    "FileEvent",
    "StageEntry",
    "StageFile",
    "StageOptions",
    "StageTable",
    "only_table",
    "place_20_s_epochs",
    "place_on_grid",
    "placement_notes",
    "read_entries",
    "read_single",
    "read_stage_file",
    "settled",
    "write_edf_stages",
]
