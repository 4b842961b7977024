"""Gunicorn on the database of a test, to be killed while it works."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.helpers.running_site import ROOT, free_port, nobody_else_is_at_work, wait_for


class WebProcesses:
    """Gunicorn on the database of the test, with a temporary folder of its own."""

    def __init__(self, media: Path, temp: Path) -> None:
        temp.mkdir()
        self.media, self.temp, self.port = media, temp, free_port()
        at = connection.settings_dict
        host = str(at["HOST"]).replace("/", "%2F")
        database = f"{at['USER']}:{at['PASSWORD']}@{host}:{at['PORT']}/{at['NAME']}"
        env = {
            **os.environ,
            "DATABASE_URL": f"postgres://{database}",
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "MEDIA_ROOT": str(media),
            "TMPDIR": str(temp),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        }
        command = [sys.executable, "-m", "gunicorn", "epochwise.wsgi", "--threads", "2"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        self._start = partial(subprocess.Popen, command, cwd=ROOT, env=env, start_new_session=True)
        self.start()

    def start(self) -> None:
        self.process = self._start()
        wait_for(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def begin(
        self,
        client: Client,
        url: str,
        *,
        length: int = 2**30,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> socket.socket:
        """Send the headers of an upload and nothing of its body."""
        form = {"Content-Type": "multipart/form-data; boundary=x"}
        lines = [f"{method} {url} HTTP/1.1", "Host: localhost", f"Content-Length: {length}"]
        lines += [
            f"{name}: {text}" for name, text in {**identity(client), **(headers or form)}.items()
        ]
        sent = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        sent.sendall("\r\n".join([*lines, "", ""]).encode())
        return sent

    def spooled(self) -> list[str]:
        """Return the files below the media folder that the web processes hold open."""
        pids = subprocess.run(
            ["pgrep", "--session", str(self.process.pid)], capture_output=True, text=True
        ).stdout.split()
        folders = [Path("/proc", pid, "fd") for pid in pids]
        links = [_target(link) for folder in folders for link in folder.iterdir()]
        return [link for link in links if link.startswith(str(self.media))]

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        wait_for(lambda: not self._listens(), every_s=0.02)  # its children are gone as well


def identity(client: Client) -> dict[str, str]:
    """Return the headers by which a signed-in browser is known."""
    client.cookies["csrftoken"] = "a" * 32
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return {"Cookie": cookies, "X-CSRFToken": "a" * 32}


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""  # closed meanwhile


@pytest.fixture
def web(media: Path, tmp_path: Path) -> Iterator[WebProcesses]:
    processes = WebProcesses(media, tmp_path / "temp")
    try:
        yield processes
    finally:
        if processes.process.poll() is None:
            processes.kill()
        wait_for(nobody_else_is_at_work)
