"""Uploads to real web processes: refused before the body is sent, killed while it arrives."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from recordings import incoming as incoming_files
from recordings.orphans import sweep_store
from recordings.quarantine import quarantined_files
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import files_below, incoming, make_old
from tests.helpers.running_site import ROOT, free_port, nobody_else_is_at_work, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
MIB = bytes(2**20)
START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="Lovelace.edf"\r\n\r\n'


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
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
        wait_for(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def begin(self, client: Client, url: str, *, length: int = 2**30) -> socket.socket:
        """Send the headers of an upload and nothing of its body."""
        client.cookies["csrftoken"] = "a" * 32
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        lines = [
            f"POST {url} HTTP/1.1",
            "Host: localhost",
            f"Cookie: {cookies}",
            f"X-CSRFToken: {'a' * 32}",
            "Content-Type: multipart/form-data; boundary=x",
            f"Content-Length: {length}",
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


def test_an_upload_leaves_nothing_when_its_process_is_killed(
    web, client_of, lead, annotator, study, media
):
    url = reverse("recordings:upload", args=[study.slug])
    with web.begin(client_of(annotator), url) as refused:
        assert b" 403 " in refused.recv(4096)  # although nothing of the body was sent
    with web.begin(client_of(lead), url) as sent:
        sent.sendall(START + 3 * MIB)
        wait_for(web.spooled, every_s=0.02)
        web.kill()
    assert files_below(media) == []
    left = [path.name for path in files_below(web.temp)]
    assert not any(".upload" in name or "Lovelace" in name for name in left)


def test_a_process_killed_between_file_and_row_leaves_a_part_that_the_sweep_deletes(
    study, own_store, monkeypatch
):
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            monkeypatch.setattr(
                incoming_files, "queue_ingest", lambda **_: os.kill(os.getpid(), signal.SIGKILL)
            )
            incoming_files.receive_recording(study=study, file=incoming(edf_bytes()))
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    [left] = files_below(own_store / "incoming")
    assert left.suffix == ".part"
    make_old(left)
    sweep_store()
    assert not left.exists()
    assert quarantined_files() == []


def test_an_upload_leaves_nothing_when_its_sender_goes(web, client_of, lead, study, media):
    url = reverse("recordings:upload", args=[study.slug])
    with web.begin(client_of(lead), url) as sent:
        sent.sendall(START + 3 * MIB)
        wait_for(web.spooled, every_s=0.02)
    wait_for(lambda: not web.spooled(), every_s=0.02)
    assert files_below(media) == []
    assert files_below(web.temp) == [] or "Lovelace" not in str(files_below(web.temp))
