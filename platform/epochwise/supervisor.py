"""Start the processes of the site, restart those that end, and stop them in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from epochwise.embedded.process import last_lines, spawn, stop

ROOT = Path(__file__).resolve().parents[2]
DEATHS_ALLOWED = 3
DEATHS_WITHIN_S = 60.0
# A request, its answer and how long it took; the id is in the other lines of the request too.
ACCESS_LINE = '%(t)s %(h)s "%(r)s" %(s)s %(b)s %(M)sms [%({x-request-id}o)s]'
_RENEWED = ("--max-memory-per-child", str(2**20))  # in KiB


class ServiceFailedError(Exception):
    """A service ended repeatedly within a short time."""


@dataclass
class Service:
    """A child process that is started again when it ends."""

    name: str
    command: list[str]
    log: Path
    env: dict[str, str]
    stop_within_s: float = 20
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
        self.process = spawn(
            [sys.executable, "-m", *self.command],
            log=self.log,
            death_signal=signal.SIGTERM,
            env={**os.environ, "PYTHONPATH": path, **self.env},
            cwd=ROOT,
        )

    def stop(self) -> None:
        if self.process:
            stop(self.process, stop_signal=signal.SIGTERM, within_s=self.stop_within_s)

    def revive(self, tell: Callable[[str], None]) -> None:
        """Start the process again if it has ended; a ServiceFailedError if that is too often."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        self.deaths = [at for at in self.deaths if now - at < DEATHS_WITHIN_S] + [now]
        if len(self.deaths) > DEATHS_ALLOWED:
            raise ServiceFailedError(
                f"{self.name} ends repeatedly, see {self.log}:\n{last_lines(self.log)}"
            )
        tell(f"{self.name} ended (exit {self.process.returncode}) and is started again")
        self.start()


def web(*, port: int, var: Path, env: dict[str, str]) -> Service:
    command = ["gunicorn", "epochwise.wsgi", "--bind", f"127.0.0.1:{port}", "--preload"]
    command += ["--workers", "3", "--threads", "4", "--timeout", "120", "--no-control-socket"]
    command += [
        "--keep-alive",
        "75",
    ]  # scorers pause between epochs; a new connection would delay them
    command += ["--logger-class", "epochwise.weblog.WebLogger"]
    command += ["--access-logfile", "-", "--access-logformat", ACCESS_LINE]
    return Service("web", command, log=var / "log" / "web.log", env=env)


def workers(*, var: Path, env: dict[str, str]) -> list[Service]:
    """Return a worker, one for files from outside, and with torch installed one for models.

    The worker for models has a single process: each process would load its own copy of the model,
    and a large model fills the memory of the GPU. The others get new processes for those that
    have grown.
    """
    queues = ["default"] if models_can_be_loaded() else ["default", "gpu"]
    beat = ["--beat", "--schedule", str(var / "beat-schedule")]
    started = [
        _worker("worker", queues, 2, *_RENEWED, *beat),
        _worker("ingest", ["ingest"], 2, *_RENEWED),
    ]
    if "gpu" not in queues:
        started.append(_worker("gpu", ["gpu"], 1))
    return [
        Service(name, command, log=var / "log" / f"{name}.log", env=env)
        for name, command in started
    ]


def models_can_be_loaded() -> bool:
    """Return whether torch is installed, without importing it."""
    return find_spec("torch") is not None


def _worker(name: str, queues: list[str], processes: int, *more: str) -> tuple[str, list[str]]:
    command = ["celery", "-A", "epochwise", "worker", "--queues", ",".join(queues)]
    command += ["--concurrency", str(processes), "--hostname", f"{name}@%h"]
    command += ["--loglevel", "warning", "--without-gossip", "--without-mingle", *more]
    return name, command
