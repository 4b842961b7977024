"""Reading EDF and EDF+ recordings as they occur in the wild.

Neither library at hand could be the reader. edfio 0.4 and mne 1.13 both refuse annotations
that are not UTF-8 and start times of 60 or more seconds, join the pieces of an EDF+D as if
no time were missing, read a truncated file as a shorter recording, and give made-up values for a
channel whose physical minimum equals its maximum.
The format itself is a table of fixed-width texts, so the reader is that table, a
memory map, and the checks. Tests hold it against both libraries on real files.
"""

from psg.edf.annotations import Annotation
from psg.edf.file import Channel, EdfFile, Gap
from psg.edf.header import EdfLimits

__all__ = ["Annotation", "Channel", "EdfFile", "EdfLimits", "Gap"]
