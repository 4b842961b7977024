"""A whole site in processes of its own, as `manage.py up` runs it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(
    what: Callable[[], object], within_s: float = START_WITHIN_S, every_s: float = 0.2
) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(every_s)


def nobody_else_is_at_work() -> bool:
    """Whether no other session of the test database is in a statement or a transaction.

    The server notices late that a client was killed. Until then it holds that client's locks,
    which the emptying of the tables would run into. Idle sessions, such as earlier tests leave in
    threads of this process, hold none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return cursor.fetchone() == (0,)


@dataclass
class RunningSite:
    """An installation in a folder of its own, with a port to be started on."""

    var: Path
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    more_env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "EPOCHWISE_VAR": str(self.var), **self.more_env}

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start the site and wait until its worker is alive."""
        command = [sys.executable, "manage.py", "up", "--port", str(self.port), *options]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        wait_for(lambda: self.health().get("worker") == "ok" or process.poll() is not None)
        assert process.poll() is None, "the site did not start"
        return process

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                process.wait(180)

    def health(self) -> dict[str, str]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300
        )

    def manage_json(self, *arguments: str) -> dict[str, Any]:
        """Run a command that must succeed and return its JSON object."""
        done = self.manage(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def fresh_site() -> Iterator[RunningSite]:
    """An installation, not started, whose folder does not exist yet, as after a clone."""
    with tempfile.TemporaryDirectory(prefix="epochwise-site-") as folder:
        Path(folder).chmod(0o755)
        site = RunningSite(Path(folder) / "var")
        try:
            yield site
        finally:
            site.stop()
