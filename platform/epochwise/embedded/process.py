"""Child processes that end with the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from epochwise.embedded.paths import Account
from epochwise.embedded.rotation import log_pipe, wait_for_log

PR_SET_PDEATHSIG = 1


class Child(Protocol):
    """A child process, started from a file or forked."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    def wait(self) -> int: ...


def die_with(parent: int, death_signal: signal.Signals) -> None:
    """Let the kernel signal this process when its parent ends, also after kill -9. Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != parent:
        os.kill(os.getpid(), death_signal)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a separate session, which Ctrl-C does not reach; write output to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    switch = account is not None and account.switch
    output = log_pipe(log)
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account and switch else None,
            group=account.gid if account and switch else None,
            extra_groups=[] if switch else None,
            env=env,
            cwd=cwd,
            # Runs after the change of account, which would reset the signal.
            preexec_fn=partial(die_with, os.getpid(), death_signal),
        )
    finally:
        os.close(output)


def has_ended(process: Child) -> bool:
    """Return whether a child has ended, and leave it unreaped, so that its id stays its own."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def bury(process: Child) -> int:
    """Kill what a child that has ended left in its process group; return its exit status.

    The processes of a server or worker that was killed would go on, and hold its port or its work.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def stop_all(processes: Sequence[Child], *, stop_signal: signal.Signals, within_s: float) -> None:
    """Send `stop_signal` to children; after `within_s` kill those left, with their groups."""
    for process in processes:
        if not has_ended(process):
            process.send_signal(stop_signal)
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and not all(map(has_ended, processes)):
        time.sleep(0.05)
    for process in processes:
        bury(process)


def end_strangers(folder: Path, *, stop_signal: signal.Signals, within_s: float) -> None:
    """End the processes that work in a folder: what a server left whose owner was killed.

    Takes at most 2 s more than `within_s`, for what has to be killed.
    """
    deadline = time.monotonic() + within_s
    sent: set[int] = set()
    while (left := _working_in(folder)) and time.monotonic() < deadline:
        for pid in left - sent:
            _signal(pid, stop_signal)
        sent |= left
        time.sleep(0.05)
    for pid in left:
        _signal(pid, signal.SIGKILL)
    while _working_in(folder) and time.monotonic() < deadline + 2:
        time.sleep(0.05)


def _working_in(folder: Path) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(folder):
                found.add(int(entry.name))
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return found - {os.getpid()}


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def last_lines(log: Path, count: int = 5) -> str:
    wait_for_log(log)
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 20_000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
