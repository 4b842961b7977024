"""Child processes that end with the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from epochwise.embedded.paths import Account
from epochwise.embedded.rotation import log_pipe, wait_for_log


class EmbeddedError(Exception):
    """An embedded server failed; the text says what failed and what to do."""


PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a function for `preexec_fn`: the kernel then signals the child when this process ends.

    Also after kill -9. Linux only; None on other systems. It runs after the change of account,
    which would reset the signal.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def request_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), death_signal)

    return request_signal


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
            preexec_fn=die_with_parent(death_signal),
        )
    finally:
        os.close(output)


def stop(process: subprocess.Popen[bytes], *, stop_signal: signal.Signals, within_s: float) -> None:
    """Send `stop_signal` to a child, and kill it if it has not ended after `within_s`."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_lines(log: Path, count: int = 5) -> str:
    wait_for_log(log)
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
