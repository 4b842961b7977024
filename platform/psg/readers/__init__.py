"""Recordings of any known format, recognised by their content.

Signals stay on disk until they are read. mne and h5py are imported by the formats that need them,
and only when a file is read, so that web processes never load them.
"""

from psg.readers.opening import check_head, format_at, open_recording
from psg.readers.registry import FORMATS

__all__ = ["FORMATS", "check_head", "format_at", "open_recording"]
