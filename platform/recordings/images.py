"""The image of an epoch exactly as a model sees it, drawn from the stored signals."""

from functools import cache
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from psg.render import EpochRenderer
from psg.signalstore import SignalStore
from recordings.models import Recording


@cache
def _renderer() -> EpochRenderer:
    return EpochRenderer()


def open_signals(recording: Recording) -> SignalStore:
    return SignalStore.open(cast(BinaryIO, recording.signals_file.open("rb")))


def epoch_pixels(store: SignalStore, epoch: int) -> NDArray[np.uint8]:
    """Return the image of an epoch, (224, 448, 4) uint8."""
    return _renderer().render(store.read_uv(epoch, 1)[0], store.derivations)
