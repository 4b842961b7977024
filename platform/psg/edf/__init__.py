"""Reading EDF and EDF+ recordings as they occur in the wild.

Neither library at hand could be used as the reader. edfio 0.4 refuses annotations that are
not UTF-8 and start times with 60 or more seconds; mne 1.13 drops channels it dislikes and
scales others by guesses; both join the pieces of an EDF+D with gaps as if no time were
missing. The format itself is a table of fixed-width texts, so the reader is that table, a
memory map, and the checks. Tests hold it against both libraries on real files.
"""

from psg.edf.annotations import Annotation
from psg.edf.file import Channel, EdfFile, Gap
from psg.edf.header import EdfLimits

__all__ = ["Annotation", "Channel", "EdfFile", "EdfLimits", "Gap"]
