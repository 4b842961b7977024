"""All formats of recordings. A format is a module in `formats` and a line here."""

from __future__ import annotations

from psg.readers.format import RecordingFormat
from psg.readers.formats.brainvision import BRAINVISION
from psg.readers.formats.edf import BDF, EDF
from psg.readers.formats.eeglab import EEGLAB
from psg.readers.formats.fif import FIF
from psg.readers.formats.gdf import GDF

FORMATS: tuple[RecordingFormat, ...] = (EDF, BDF, BRAINVISION, EEGLAB, FIF, GDF)


def format_of(head: bytes) -> RecordingFormat | None:
    """Recognise a format by the first bytes of a file; its name does not matter."""
    return next((format for format in FORMATS if format.recognises(head)), None)
