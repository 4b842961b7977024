"""Images as requests carry them: each drawn and encoded once a night, by several processes.

Agg holds the interpreter while it draws, so threads alone would draw one image at a time. Workers
may not start processes of `multiprocessing`; so each drawing thread has a program of its own
(`inference.adapters.openai.drawing`), which ends with its input.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from inference.adapters.openai.drawing import SentImage, draw, read_message, write_message
from inference.adapters.protocol import NightToScore
from psg.montage import Derivation

_KEPT = 2048
"""More epochs than the longest usual night has; an encoded image has some 70 kB."""
_MOST_DRAWERS = 8
_PROGRAM = "inference.adapters.openai.drawing"


def chosen_drawers() -> int:
    """Return how many processes draw: none where they would compete with the site."""
    return min(max(len(os.sched_getaffinity(0)) - 2, 0), _MOST_DRAWERS)


class SentImages:
    """Cache of the encoded images of a night.

    Parameters
    ----------
    channels
        Derivations that the model knows.
    drawers
        Processes that draw; with 0 this thread draws.
    """

    def __init__(self, channels: Sequence[Derivation], *, drawers: int) -> None:
        self._channels = frozenset(channels)
        self._pool = _DrawingPool(drawers) if drawers else None
        self._images: OrderedDict[tuple[str, int], Future[SentImage]] = OrderedDict()

    def derivations(self, night: NightToScore) -> tuple[Derivation, ...]:
        """Return the derivations drawn in the images: those of the night that the model knows."""
        return tuple(name for name in night.signals.derivations if name in self._channels)

    def draw_ahead(self, night: NightToScore, epochs: Iterable[int]) -> None:
        """Begin to draw the images of these epochs, unless this thread has to draw them."""
        if self._pool:
            for epoch in epochs:
                self._begun(night, epoch)

    def get(self, night: NightToScore, epoch: int) -> SentImage:
        drawn = self._begun(night, epoch)
        if drawn.exception():
            del self._images[night.key, epoch]  # it is drawn again when it is requested again
        return drawn.result()

    def _begun(self, night: NightToScore, epoch: int) -> Future[SentImage]:
        key = (night.key, epoch)
        if key not in self._images:
            self._images[key] = self._begin(night, epoch)
            if len(self._images) > _KEPT:
                self._images.popitem(last=False)
        return self._images[key]

    def _begin(self, night: NightToScore, epoch: int) -> Future[SentImage]:
        # The signals are read in this thread, which owns their file.
        rows = [name in self._channels for name in night.signals.derivations]
        epoch_uv = night.signals.read_uv(epoch, 1)[0][rows]
        if self._pool:
            return self._pool.submit(epoch_uv, self.derivations(night))
        drawn: Future[SentImage] = Future()
        drawn.set_result(draw(epoch_uv, self.derivations(night)))
        return drawn


class _DrawingPool:
    """Threads that each have a drawing process."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="draw")
        self._own = threading.local()
        self._all: list[subprocess.Popen[bytes]] = []
        finalize(self, _end, self._threads, self._all)

    def submit(
        self, epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]
    ) -> Future[SentImage]:
        return self._threads.submit(self._draw, epoch_uv, tuple(derivations))

    def _draw(
        self, epoch_uv: NDArray[np.floating], derivations: tuple[Derivation, ...]
    ) -> SentImage:
        try:
            return self._ask(epoch_uv, derivations)
        except (OSError, EOFError):  # the process was killed, for example for want of memory
            del self._own.process
            return self._ask(epoch_uv, derivations)

    def _ask(
        self, epoch_uv: NDArray[np.floating], derivations: tuple[Derivation, ...]
    ) -> SentImage:
        process = self._process()
        assert process.stdin is not None
        assert process.stdout is not None
        write_message(process.stdin, (epoch_uv, derivations))
        image = read_message(process.stdout)
        if isinstance(image, Exception):
            raise image
        assert isinstance(image, SentImage)
        return image

    def _process(self) -> subprocess.Popen[bytes]:
        if not hasattr(self._own, "process"):
            self._own.process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            self._all.append(self._own.process)
        process: subprocess.Popen[bytes] = self._own.process
        return process


def _end(threads: ThreadPoolExecutor, processes: list[subprocess.Popen[bytes]]) -> None:
    threads.shutdown(cancel_futures=True)
    for process in processes:
        if process.stdin:
            with suppress(OSError):  # it was killed
                process.stdin.close()
        process.wait()
