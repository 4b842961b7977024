"""Read files from outside in a separate process, with a limit of time and of memory.

How much a file needs is known only after reading it. A loop in C can be ended only from outside the
process, and the kernel limits memory best. So the worker forks, and the child reads, without a
database. The worker receives its messages, renews the lease, and kills the child and its own
children at the limit of time. Half a message delays nobody. A file over a limit is refused and not
tried again; the worker continues.
"""

import ctypes
import errno
import gc
import logging
import math
import os
import pickle
import resource
import select
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Never, TypeVar

from django.conf import settings

from psg.errors import PsgError, RefusedError, fault_words

T = TypeVar("T")
Tell = Callable[..., None]
"""Sends news from the child to the worker, such as a progress."""

_PR_SET_PDEATHSIG = 1
# A message is its length and a pickle.
_LENGTH = struct.Struct("!Q")
_CHUNK_BYTES = 2**20

log = logging.getLogger(__name__)


class OverLimitError(PsgError):
    """A file needed more time, memory or room on the disk than files get."""

    code = "over_limit"


class ReaderFailedError(PsgError):
    """A reader stopped at an unexpected fault, and not at a known fault of the file."""

    code = "reader_failed"


@dataclass(frozen=True)
class _Result(Generic[T]):
    value: T


@dataclass(frozen=True)
class _Failure:
    error: Exception


@dataclass
class Reader:
    """Reads with a common limit of time: files of the same import share it.

    Attributes
    ----------
    alive : callable
        Called every `alive_every_s` while a file is read; the place to renew a lease. Its errors
        end the reading.
    """

    alive: Callable[[], None] = lambda: None
    alive_every_s: float = 10.0
    limit_s: float = field(default_factory=lambda: settings.READ_LIMIT_S)
    limit_bytes: int = field(default_factory=lambda: settings.READ_LIMIT_BYTES)
    limit_file_bytes: int = field(default_factory=lambda: settings.READ_LIMIT_FILE_BYTES)
    _spent_s: float = 0.0

    def read(self, work: Callable[[Tell], T], *, heard: Callable[..., None] = lambda: None) -> T:
        """Call `work(tell)` in a child process and return what it returns.

        `heard` is called here with the arguments that the child gives to `tell`.

        Raises
        ------
        OverLimitError
            When time, memory or room for a file ran out; the child is gone.
        ReaderFailedError
            When the child ended by a fault that is no refusal.
        PsgError, OSError
            As raised by `work`.
        """
        if self._spent_s >= self.limit_s:
            raise self._too_slow("Other files of this import used up the time")
        ours, theirs = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            _read_and_exit(theirs, work, parent, self.limit_bytes, self.limit_file_bytes)
        os.close(theirs)
        # The child does the same: whoever is first, the group exists before it is needed.
        with suppress(OSError):
            os.setpgid(child, child)
        try:
            answer = self._listen(_Inbox(ours), heard)
        finally:
            os.close(ours)
            status = _end(child)
        if answer is None:
            raise self._died(status)
        if isinstance(answer, _Failure):
            raise self._said(answer.error)
        value: T = answer.value
        return value

    def _listen(self, inbox: "_Inbox", heard: Callable[..., None]) -> Any:
        """Return what the child sends last; None if it ends without a message."""
        told_at = time.monotonic()
        while True:
            began = time.monotonic()
            left_s = self.limit_s - self._spent_s
            if left_s <= 0:
                raise self._too_slow("Reading the file took too long")
            is_open = inbox.wait(min(left_s, self.alive_every_s))
            # Only the time of the child counts, without the time for handling its messages.
            self._spent_s += time.monotonic() - began
            for news in inbox.messages():
                if isinstance(news, _Result | _Failure):
                    return news
                heard(*news)
            if not is_open:
                return None
            if time.monotonic() - told_at >= self.alive_every_s:
                told_at = time.monotonic()
                self.alive()

    def _too_slow(self, what: str) -> OverLimitError:
        return OverLimitError(
            what,
            where=f"a file has {_duration(self.limit_s)}",
            advice="Nothing of it was stored. Export it again, or split it.",
        )

    def _too_large(self, where: str) -> OverLimitError:
        return OverLimitError(
            "Reading the file needed too much memory",
            where=where,
            advice="Nothing of it was stored. Export fewer channels, or at a lower rate.",
        )

    def _died(self, status: int) -> PsgError:
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return self._too_large("the system stopped the reader")
        fault = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {status >> 8}"
        return ReaderFailedError(
            "The reader of this file stopped without a message",
            where=fault,
            advice="Nothing of it was stored. Export the file again.",
        )

    def _said(self, error: Exception) -> Exception:
        if isinstance(error, MemoryError):
            return self._too_large(f"a file has {self.limit_bytes // 2**20:,} MiB")
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return OverLimitError(
                "What was read from the file is too large to be stored",
                where=f"over {self.limit_file_bytes // 2**20:,} MiB",
                advice="Nothing of it was stored. Export fewer channels, or at a lower rate.",
            )
        return error


class _Inbox:
    """What the child sends, read as it comes: waiting for the rest of a message is limited too."""

    def __init__(self, ours: int) -> None:
        self._ours = ours
        self._poll = select.poll()
        self._poll.register(ours, select.POLLIN)
        self._received = bytearray()

    def wait(self, at_most_s: float) -> bool:
        """Wait for more; return whether the child can still send."""
        if not self._poll.poll(math.ceil(at_most_s * 1000)):
            return True
        chunk = os.read(self._ours, _CHUNK_BYTES)
        self._received += chunk
        return bool(chunk)

    def messages(self) -> Iterator[Any]:
        """Yield the messages that are there as a whole."""
        while len(self._received) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                return
            message = bytes(self._received[_LENGTH.size : end])
            del self._received[:end]
            yield pickle.loads(message)


def _send(theirs: int, message: object) -> None:
    pickled = pickle.dumps(message)
    left = memoryview(_LENGTH.pack(len(pickled)) + pickled)
    while left:
        left = left[os.write(theirs, left) :]


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} s"


def _end(child: int) -> int:
    """Kill a child and what it began; return how it ended if it had ended before."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)  # should it have left its group
    _, status = os.waitpid(child, 0)
    return status


# What the child does. It never returns to its caller, whose rows and locks it must not use.


def _read_and_exit(
    theirs: int,
    work: Callable[[Tell], object],
    parent: int,
    limit_bytes: int,
    limit_file_bytes: int,
) -> Never:
    try:
        _settle_in(parent, limit_bytes)
        _limit(resource.RLIMIT_FSIZE, limit_file_bytes)
        _send(theirs, _outcome(work, lambda *news: _send(theirs, news)))
    except BaseException:
        log.exception("the reader could not send what it has read")
    finally:
        os._exit(0)


def _outcome(work: Callable[[Tell], T], tell: Tell) -> _Result[T] | _Failure:
    try:
        return _Result(work(tell))
    except (RefusedError, OSError) as error:
        return _Failure(error)
    except MemoryError:
        return _Failure(MemoryError())
    except Exception as error:
        # Neither the log nor the row has its words, which can quote the file.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("a reader failed: %s\n%s", fault_words(error), frames)
        return _Failure(
            ReaderFailedError(
                "The reader stopped at an unexpected fault",
                where=fault_words(error),
                advice="Nothing of it was stored. Export the file again; if that does not help,"
                " give this message to the administrator.",
            )
        )


def _settle_in(parent: int, limit_bytes: int) -> None:
    os.setpgid(0, 0)
    _end_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Inherited objects stay: a connection that is collected here would be closed for both.
    gc.freeze()
    limit_memory(limit_bytes + _private_bytes())
    # If the whole machine runs out of memory, the kernel kills this process first.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(0)


def _private_bytes() -> int:
    """Return what RLIMIT_DATA counts of this process: all but files and shared memory."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def limit_memory(limit_bytes: int) -> None:
    """Let this process and its children allocate no more; mapped files do not count."""
    _limit(resource.RLIMIT_DATA, limit_bytes)


def _limit(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
