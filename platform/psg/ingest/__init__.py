"""From an EDF file to what the site keeps: facts, a scored store, a raw store, a picture."""

from psg.ingest.inspect import NightFacts, inspect_night
from psg.ingest.store import store_night, store_signals

__all__ = ["NightFacts", "inspect_night", "store_night", "store_signals"]
