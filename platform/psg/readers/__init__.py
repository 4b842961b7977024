"""Recordings of any known format, recognised by their content.

Signals stay on disk until they are read. mne is imported only while a file that needs it is read,
so that web processes never load it.
"""

from psg.readers.containers import Contents, Night, files_of_zip, pack_night, siblings
from psg.readers.format import HEAD_BYTES
from psg.readers.opening import check_head, format_at, open_recording
from psg.readers.registry import FORMATS

__all__ = [
    "FORMATS",
    "HEAD_BYTES",
    "Contents",
    "Night",
    "check_head",
    "files_of_zip",
    "format_at",
    "open_recording",
    "pack_night",
    "siblings",
]
