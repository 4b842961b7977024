"""From an EDF file to its facts, its scored store, its raw store, and its spectrogram."""

from psg.ingest.decisions import NightDecisions
from psg.ingest.inspect import NightFacts, inspect_night
from psg.ingest.store import rebuild_night, store_night, store_signals

__all__ = [
    "NightDecisions",
    "NightFacts",
    "inspect_night",
    "rebuild_night",
    "store_night",
    "store_signals",
]
