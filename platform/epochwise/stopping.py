"""How commands that run until they are stopped take signals."""

import signal


class Stopped(BaseException):
    """The command received a signal to stop."""


def stop_on_signals() -> None:
    """Stop on Ctrl-C and SIGTERM, also in the background, where a shell lets Ctrl-C be ignored.

    SIGHUP stops the command too, unless `nohup` started it.
    """
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _stop)


def ignore_signals() -> None:
    """Let nothing interrupt the orderly end, which takes less than 30 s."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _stop(*_: object) -> None:
    raise Stopped
