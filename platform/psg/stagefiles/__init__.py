"""Stage files in and out: EDF+ annotations, NSRR and Profusion XML, text, csv, json."""

from psg.edf.writing import write_edf_stages
from psg.stagefiles.entries import CODE_MAPS, CodeMap, StageEntry
from psg.stagefiles.place import place_20_s_epochs, place_on_grid, placement_notes
from psg.stagefiles.read import read_lights, read_stage_file

__all__ = [
    "CODE_MAPS",
    "CodeMap",
    "StageEntry",
    "place_20_s_epochs",
    "place_on_grid",
    "placement_notes",
    "read_lights",
    "read_stage_file",
    "write_edf_stages",
]
