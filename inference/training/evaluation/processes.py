"""Nights shared out among processes: judged as one process would, and given in their order."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any

from inference.adapters import AdapterAwayError
from inference.training.data import LabelledNight
from inference.training.errors import TrainingError
from inference.training.evaluation.judging import JudgedNight, Roll, Task
from psg.errors import PsgError

Recording = Callable[[], Sequence[LabelledNight]]
"""Makes the nights of one recording, one a scorer: one process gets all of them, since it asks
for answers once."""
_THREADS = "OMP_NUM_THREADS"


def made(nights: Sequence[LabelledNight]) -> Recording:
    """Nights that need not be made any more."""
    return partial(tuple, nights)


@contextmanager
def judging(
    task: Task, recordings: Sequence[Recording], *, processes: int = 1
) -> Iterator[tuple[Roll, Iterator[JudgedNight]]]:
    """Who reads, and the judged nights in the order of the recordings.

    Raises
    ------
    BundleError
        When a reader cannot be loaded.
    TrainingError
        When a process ends before its work is done.
    """
    count = min(processes, len(recordings))
    if count < 2:
        judge = task.judge()
        yield judge.roll, (judge.see(night) for nights in recordings for night in nights())
        return
    workers = [_started(task) for _ in range(count)]
    try:
        rolls = [worker.receive() for worker in workers]
        yield rolls[0], _in_order(workers, recordings)
    except BaseException:
        for worker in workers:
            worker.process.terminate()
        raise
    finally:
        for worker in workers:
            worker.link.close()  # nobody asks any more: it ends by itself
            worker.process.join()


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    link: Connection

    def give(self, recording: Recording) -> None:
        try:
            self.link.send(recording)
        except OSError:
            raise self._ended() from None

    def receive(self) -> Any:
        try:
            message = self.link.recv()
        except (EOFError, OSError):
            raise self._ended() from None
        if isinstance(message, Exception):
            raise message
        return message

    def _ended(self) -> TrainingError:
        self.process.join()
        code = self.process.exitcode or 0
        if code < 0:
            return TrainingError(
                f"A process was killed by {signal.Signals(-code).name} before its nights were read",
                advice="If memory ran out, ask for fewer --processes.",
            )
        return TrainingError(
            "A process ended before its nights were read",
            where=f"exit code {code}",
            advice="What it said stands above.",
        )


def _started(task: Task) -> _Worker:
    """A process of its own, so that neither threads nor a GPU are taken over half-used."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_work, args=(task, there), daemon=True)
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"  # libraries read it when they load; more would wait for each other
    try:
        process.start()
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before
    there.close()  # or the end of the process would not be noticed here
    return _Worker(process, here)


def _in_order(workers: Sequence[_Worker], recordings: Sequence[Recording]) -> Iterator[JudgedNight]:
    """Whoever is ready gets the next recording; what is done waits for those before it."""
    waiting = enumerate(recordings)
    busy: dict[Connection, tuple[_Worker, int]] = {}
    done: dict[int, list[JudgedNight]] = {}

    def go_on(worker: _Worker) -> None:
        place, recording = next(waiting, (0, None))
        if recording is not None:
            worker.give(recording)
            busy[worker.link] = (worker, place)

    for worker in workers:
        go_on(worker)
    for wanted in range(len(recordings)):
        while wanted not in done:
            ready = wait(list(busy))
            for link in [one for one in busy if one in ready]:
                worker, place = busy.pop(link)
                done[place] = worker.receive()
                go_on(worker)
        yield from done.pop(wanted)


def _work(task: Task, link: Connection) -> None:
    """What a process does until nobody asks any more."""
    Thread(target=_end_with_the_one_that_asks, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks ends this one,
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and nothing of it stays behind
    try:
        judge = task.judge()
        link.send(judge.roll)
        for recording in _wishes(link):
            link.send([judge.see(night) for night in recording()])
    except (PsgError, AdapterAwayError) as error:
        link.send(error)


def _end_with_the_one_that_asks() -> None:
    """Or the rest of a night would be read for nobody, with a model in memory."""
    asking = parent_process()
    assert asking is not None
    asking.join()
    os._exit(1)


def _wishes(link: Connection) -> Iterator[Recording]:
    while True:
        try:
            yield link.recv()
        except EOFError:
            return
