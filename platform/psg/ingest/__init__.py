"""From an EDF file to its facts, its scored store, its raw store, and its spectrogram."""

from psg.ingest.decisions import NightDecisions
from psg.ingest.inspect import NightFacts, inspect_night
from psg.ingest.record import assumed_in, intake_record, stated_by_file
from psg.ingest.sources import described_sources
from psg.ingest.statedunits import with_units
from psg.ingest.store import rebuild_night, store_joined, store_night, store_signals
from psg.ingest.with_stages import StageInput, StagesAlong, inspect_with_stages, night_before_stages

__all__ = [
    "NightDecisions",
    "NightFacts",
    "StageInput",
    "StagesAlong",
    "assumed_in",
    "described_sources",
    "inspect_night",
    "inspect_with_stages",
    "intake_record",
    "night_before_stages",
    "rebuild_night",
    "stated_by_file",
    "store_joined",
    "store_night",
    "store_signals",
    "with_units",
]
