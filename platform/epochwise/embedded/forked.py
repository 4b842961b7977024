"""Child processes that share with their owner what it has loaded.

A program of Python that is started anew imports all modules once more, and holds its own copy. A
forked one begins with those of its owner; the kernel copies a page of memory when it is written.
"""

import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from django.db import connections
from setproctitle import setproctitle

from epochwise.embedded.process import die_with
from epochwise.embedded.rotation import log_pipe

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


class Forked:
    """A forked child, with what its owner uses of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def send_signal(self, number: int, /) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for the end; return the exit status, or minus the number of the signal."""
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def fork(
    run: Callable[[], int | None],
    *,
    name: str,
    death_signal: signal.Signals,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Forked:
    """Run a function in a child, in a separate session, which Ctrl-C does not reach.

    Parameters
    ----------
    run
        Called in the child, which ends when it returns or raises. May return an exit status.
    name
        The name of the process in lists such as those of `ps`.
    death_signal
        What the child gets when its owner ends, also after kill -9 (Linux only).
    log
        The file for what it writes; without one it writes where its owner does.
    env
        Variables of the environment that are added.
    """
    connections.close_all()  # a connection belongs to one process
    gc.collect()  # nothing is left that would close files which the child has opened anew
    gc.freeze()  # a collection writes into every object, and the child would copy them all
    owner = os.getpid()
    output = log_pipe(log) if log else None
    try:
        if pid := os.fork():
            return Forked(pid)
        _live(run, name=name, owner=owner, death_signal=death_signal, output=output, env=env or {})
    finally:
        if output is not None:
            os.close(output)


def _live(
    run: Callable[[], int | None],
    *,
    name: str,
    owner: int,
    death_signal: signal.Signals,
    output: int | None,
    env: Mapping[str, str],
) -> NoReturn:
    """Be the child: never return into the code of the owner, whose work must not be undone here."""
    status = 1
    try:
        os.setsid()
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        die_with(owner, death_signal)
        _leave_files_of_owner(output)
        os.environ.update(env)
        setproctitle(f"epochwise: {name}")
        status = run() or 0
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:
        traceback.print_exc()
    finally:
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _leave_files_of_owner(output: int | None) -> None:
    """Write into the pipe, and let go of every other file: some of them are locks of the owner."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    if output is not None:
        os.dup2(output, 1)
        os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
