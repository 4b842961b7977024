"""Keep the processes of the site alive: start again what ends, and stop all together.

The processes in Python are forked from this one, which has loaded what they need, see
`epochwise.preload`: so the site holds it once, and a process that ended is soon there again.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import epochwise.beat
import epochwise.celery
from epochwise.embedded.forked import fork
from epochwise.embedded.paths import EmbeddedError
from epochwise.embedded.process import Child, bury, has_ended, last_lines, stop_all

ROOT = Path(__file__).resolve().parents[2]
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
CALM_AFTER_S = 60.0
STOP_WITHIN_S = 11.0
"""With the servers, which are stopped afterwards, a site stops within 26 s."""
# A request, its answer and how long it took; the id is in the other lines of the request too.
ACCESS_LINE = '%(t)s %(h)s "%(r)s" %(s)s %(b)s %(M)sms [%({x-request-id}o)s]'
_RENEWED = ("--max-memory-per-child", str(2**20))  # in KiB

Say = Callable[[str], None]


class Program(Protocol):
    """A child process that can be launched again."""

    name: str
    log: Path

    @property
    def process(self) -> Child | None: ...

    def launch(self) -> None: ...


@dataclass
class Service:
    """A process of the site in Python."""

    name: str
    run: Callable[[list[str]], int | None]
    arguments: list[str]
    log: Path
    env: dict[str, str]
    process: Child | None = None

    def launch(self) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
        owner = {epochwise.celery.OWNER: str(os.getpid())}
        self.process = fork(
            partial(self.run, self.arguments),
            name=self.name,
            log=self.log,
            death_signal=signal.SIGTERM,
            env={"PYTHONPATH": path, **owner, **self.env},
        )


@dataclass
class Watched:
    """A program that is launched again whenever it ends, after pauses that grow."""

    program: Program
    pause_s: float = FIRST_PAUSE_S
    launched_at: float = 0.0
    launch_at: float | None = None
    """When it is launched next; None while it runs."""

    def tend(self, say: Say) -> None:
        """Note that the program has ended, or launch it again if its pause is over."""
        now = time.monotonic()
        if self.launch_at is None:
            process = self.program.process
            if process is not None and has_ended(process):
                self._pause(_how_it_ended(bury(process)), say)
            elif now - self.launched_at > CALM_AFTER_S:
                self.pause_s = FIRST_PAUSE_S
        elif now >= self.launch_at:
            self.launch(say)

    def launch(self, say: Say) -> None:
        """Launch the program; if that fails, it is tried again after the pause."""
        self.launched_at = time.monotonic()
        try:
            self.program.launch()
        except (OSError, EmbeddedError) as error:
            self._pause(f"could not be started: {error}", say)
        else:
            self.launch_at = None

    def _pause(self, what: str, say: Say) -> None:
        log = self.program.log
        say(
            f"{self.program.name} {what}; it is started again in {self.pause_s:.0f} s. "
            f"Last lines of {log}:\n{last_lines(log)}"
        )
        self.launch_at = time.monotonic() + self.pause_s
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)


class Supervisor:
    """All programs of a site. If a program ends, the others continue."""

    def __init__(self, *, say: Say) -> None:
        self.say = _unheard_is_no_fault(say)
        self.watched: list[Watched] = []

    def watch(self, program: Program) -> None:
        """Take over a program, and launch it unless it runs already."""
        watched = Watched(program, launched_at=time.monotonic())
        self.watched.append(watched)
        if program.process is None:
            watched.launch(self.say)

    def tend(self) -> None:
        for watched in self.watched:
            watched.tend(self.say)

    def stop(self) -> None:
        """Stop the processes in Python, all at once; servers are stopped by their owner."""
        services = [w.program for w in self.watched if isinstance(w.program, Service)]
        stop_all(
            [service.process for service in services if service.process],
            stop_signal=signal.SIGTERM,
            within_s=STOP_WITHIN_S,
        )


def _how_it_ended(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"


def _unheard_is_no_fault(say: Say) -> Say:
    """Return `say` for a terminal that may be gone, or a file on a disk that may be full."""

    def speak(text: str) -> None:
        with suppress(OSError, ValueError):
            say(text)

    return speak


def web(*, port: int, var: Path, env: dict[str, str]) -> Service:
    arguments = ["epochwise.wsgi", "--bind", f"127.0.0.1:{port}", "--preload"]
    processes = min(max(os.cpu_count() or 1, 2), 4)
    arguments += ["--workers", str(processes), "--threads", "4"]
    arguments += ["--timeout", "120", "--no-control-socket"]
    # Scorers pause between epochs; a new connection would delay them.
    arguments += ["--keep-alive", "75", "--graceful-timeout", "9"]
    arguments += ["--logger-class", "epochwise.weblog.WebLogger"]
    arguments += ["--access-logfile", "-", "--access-logformat", ACCESS_LINE]
    return Service("web", _serve_pages, arguments, log=var / "log" / "web.log", env=env)


def _serve_pages(arguments: list[str]) -> None:
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", *arguments]
    run()


def workers(*, var: Path, env: dict[str, str]) -> list[Service]:
    """Return a worker, one for files from outside, and with torch installed one for models.

    The worker for models has a single process: each process would load its own copy of the model,
    and a large model fills the memory of the GPU. The others get new processes for those that
    have grown.
    """
    queues = ["default"] if models_can_be_loaded() else ["default", "gpu"]
    # The checks load all pages, which workers need for nothing; `migrate` has made them.
    env = {**env, "CELERY_SKIP_CHECKS": "1"}
    started = [_worker("worker", queues, 2, *_RENEWED), _worker("ingest", ["ingest"], 2, *_RENEWED)]
    if "gpu" not in queues:
        started.append(_worker("gpu", ["gpu"], 1))
    work = epochwise.celery.app.worker_main
    return [
        Service(name, work, arguments, log=var / "log" / f"{name}.log", env=env)
        for name, arguments in started
    ]


def beat(*, var: Path, env: dict[str, str]) -> Service:
    """Return the service that sends the sweeps."""
    arguments = ["beat", "--loglevel", "warning", "--pidfile="]
    return Service(
        "beat", epochwise.beat.app.start, arguments, log=var / "log" / "beat.log", env=env
    )


def models_can_be_loaded() -> bool:
    """Return whether torch is installed, without importing it."""
    return find_spec("torch") is not None


def _worker(name: str, queues: list[str], processes: int, *more: str) -> tuple[str, list[str]]:
    arguments = ["worker", "--queues", ",".join(queues)]
    arguments += ["--concurrency", str(processes), "--hostname", f"{name}@%h"]
    arguments += ["--loglevel", "warning", "--without-gossip", "--without-mingle", *more]
    return name, arguments
