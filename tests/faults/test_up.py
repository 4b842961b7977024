"""`manage.py up` as people and power cuts treat it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def health(port: int) -> dict[str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return {}


def wait_for(what: Callable[[], object], within_s: float = START_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)


@pytest.fixture
def env() -> Iterator[dict[str, str]]:
    """A fresh installation, in a folder that the servers' account can reach."""
    with tempfile.TemporaryDirectory(prefix="epochwise-up-") as var:
        Path(var).chmod(0o755)
        yield {**os.environ, "EPOCHWISE_VAR": var}


@pytest.fixture
def start(env) -> Iterator[Callable[[int], subprocess.Popen]]:
    running = []

    def up(port: int) -> subprocess.Popen:
        command = [sys.executable, "manage.py", "up", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        running.append(process)
        wait_for(lambda: health(port).get("worker") == "ok" or process.poll() is not None)
        return process

    yield up
    for process in running:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def test_up_killed_outright_leaves_nothing_behind_and_starts_again_with_its_data(start, env):
    port = free_port()
    first = start(port)
    made = manage(env, "create_study", "kept", "--json")  # joins the servers of `up`
    assert made.returncode == 0, made.stderr
    family = psutil.Process(first.pid).children(recursive=True)
    assert {"postgres", "redis-server"} <= {process.name() for process in family}
    first.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not [process.name() for process in alive]
    start(port)
    again = manage(env, "create_study", "kept")
    assert again.returncode != 0
    assert "already" in again.stderr


def test_a_database_or_redis_that_dies_is_started_again(start, env):
    port = free_port()
    process = start(port)
    servers = [
        child
        for child in psutil.Process(process.pid).children()
        if child.name() in {"postgres", "redis-server"}
    ]
    assert len(servers) == 2
    for server in servers:
        server.kill()
    psutil.wait_procs(servers, timeout=10)
    wait_for(lambda: health(port).get("database") == "ok" and health(port).get("redis") == "ok")
    assert process.poll() is None


def test_a_port_in_use_is_named_with_what_to_do(env):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = manage(env, "up", "--port", str(port))
    assert done.returncode != 0
    assert f"port {port} is taken" in done.stderr
    assert "--port" in done.stderr


def test_a_command_on_a_fresh_machine_makes_its_own_database(env):
    done = manage(env, "create_study", "first", "--lead", "lead@example.org", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["slug"] == "first"
    assert "/invitations/" in answer["invitation"]
