"""One file a recording, laid out epoch by epoch, so that an epoch is one contiguous read.

Layout: 8 bytes magic, header length (uint32 little-endian), JSON header, zeros up to a
multiple of 4096, then one record per epoch. A record holds, channel after channel in the
order of the header, ``samples_per_epoch`` little-endian int16.

The *scored store* holds the derivations found, in their fixed order, at 100 Hz, then the
chin at its native rate for human eyes. The *raw store* holds every usable channel of the
file at its native rate, unfiltered. Neither holds a name, a date or a text of the source.
"""

from psg.signalstore.counts import scale_for, to_counts
from psg.signalstore.layout import CHIN_NATIVE, StoredChannel, StoreHeader
from psg.signalstore.reader import SignalStore
from psg.signalstore.writer import SignalStoreWriter

__all__ = [
    "CHIN_NATIVE",
    "SignalStore",
    "SignalStoreWriter",
    "StoreHeader",
    "StoredChannel",
    "scale_for",
    "to_counts",
]
