"""Evaluation of nights by several processes, with the same results in the same order."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any

from inference.adapters import AdapterAwayError
from inference.training.errors import TrainingError
from inference.training.evaluation.running import (
    EvaluatedNight,
    EvaluationTask,
    ReaderNames,
    RecordingNights,
)
from psg.errors import PsgError

_THREADS = "OMP_NUM_THREADS"


@contextmanager
def evaluated_nights(
    task: EvaluationTask, recordings: Sequence[RecordingNights], *, processes: int = 1
) -> Iterator[tuple[ReaderNames, Iterator[EvaluatedNight]]]:
    """Yield the readers, and the evaluated nights in the order of the recordings.

    Raises
    ------
    BundleError
        When a reader cannot be loaded.
    TrainingError
        When a process ends before its work is done.
    """
    count = min(processes, len(recordings))
    if count < 2:
        evaluator = task.load()
        yield (
            evaluator.names,
            (evaluator.evaluate(night) for nights in recordings for night in nights()),
        )
        return
    workers = [_started(task) for _ in range(count)]
    try:
        names = [worker.receive() for worker in workers]
        yield names[0], _in_order(workers, recordings)
    except BaseException:
        for worker in workers:
            worker.process.terminate()
        raise
    finally:
        for worker in workers:
            worker.link.close()  # without requests it ends by itself
            worker.process.join()


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    link: Connection

    def give(self, recording: RecordingNights) -> None:
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
                advice="If memory ran out, use fewer --processes.",
            )
        return TrainingError(
            "A process ended before its nights were read",
            where=f"exit code {code}",
            advice="Its last output stands above.",
        )


def _started(task: EvaluationTask) -> _Worker:
    """Start a new process that inherits neither threads nor the state of a GPU."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_work, args=(task, there), daemon=True)
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = (
        "1"  # libraries read it when they load; more threads would compete for the cores
    )
    try:
        process.start()
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before
    there.close()  # or the end of the process would not be noticed here
    return _Worker(process, here)


def _in_order(
    workers: Sequence[_Worker], recordings: Sequence[RecordingNights]
) -> Iterator[EvaluatedNight]:
    """Give recordings to free workers; yield their results in the order of recordings."""
    waiting = enumerate(recordings)
    busy: dict[Connection, tuple[_Worker, int]] = {}
    done: dict[int, list[EvaluatedNight]] = {}

    def hand_next(worker: _Worker) -> None:
        place, recording = next(waiting, (0, None))
        if recording is not None:
            worker.give(recording)
            busy[worker.link] = (worker, place)

    for worker in workers:
        hand_next(worker)
    for wanted in range(len(recordings)):
        while wanted not in done:
            ready = wait(list(busy))
            for link in [its for its in busy if its in ready]:
                worker, place = busy.pop(link)
                done[place] = worker.receive()
                hand_next(worker)
        yield from done.pop(wanted)


def _work(task: EvaluationTask, link: Connection) -> None:
    """Evaluate recordings until the link is closed."""
    Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process,
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and nothing of it stays behind
    try:
        evaluator = task.load()
        link.send(evaluator.names)
        for recording in _requests(link):
            link.send([evaluator.evaluate(night) for night in recording()])
    except (PsgError, AdapterAwayError) as error:
        link.send(error)


def _end_with_parent() -> None:
    """End this process with its parent, since nobody needs its results any more."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _requests(link: Connection) -> Iterator[RecordingNights]:
    while True:
        try:
            yield link.recv()
        except EOFError:
            return
