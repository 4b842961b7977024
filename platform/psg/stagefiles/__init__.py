"""Stage files in and out: EDF+ annotations, NSRR and Profusion XML, text, csv, json."""

from psg.stagefiles.codes import CODE_MAPS, CodeMap
from psg.stagefiles.entry import StageEntry
from psg.stagefiles.place import place_20_s_epochs, place_on_grid, placement_notes
from psg.stagefiles.read import read_lights, read_stage_file
from psg.stagefiles.write import write_edf_stages

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
