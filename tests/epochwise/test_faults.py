"""A site meets kills, a database that hangs and a full disk, and is well again within 60 s."""

import json
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.helpers.running_site import RunningSite, wait_for

pytestmark = [pytest.mark.long, pytest.mark.faults]
DISK = "400m"
WELL_WITHIN_S = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[RunningSite]:
    """A running site on a small disk of its own, where this account may mount one."""
    var = Path("/tmp") / f"epochwise-faults-{os.getpid()}"
    var.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(var)]
    has_disk = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    site = RunningSite(var)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        if has_disk:
            subprocess.run(["umount", "--lazy", str(var)], check=False)
        else:
            shutil.rmtree(var)
            var.mkdir()
        var.rmdir()


def answer(site: RunningSite, path: str, method: str = "GET") -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(site.url + path, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def is_well(site: RunningSite) -> bool:
    return site.health().get("status") == "ok"


def children(site: RunningSite) -> list[psutil.Process]:
    return psutil.Process(site.processes[-1].pid).children()


def database(site: RunningSite) -> list[psutil.Process]:
    folder = str(site.var / "postgres")
    return [process for process in psutil.process_iter() if _cwd(process) == folder]


def _cwd(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except psutil.Error:
        return ""


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(2**20))


def test_every_process_may_be_killed_and_nothing_is_lost(site: RunningSite):
    wait_for(lambda: is_well(site))
    assert site.manage("create_study", "kept").returncode == 0
    family = children(site)
    assert len(family) >= 5
    for process in family:
        process.kill()
    wait_for(lambda: {*children(site)} and not {*children(site)} & {*family}, WELL_WITHIN_S)
    wait_for(lambda: len(children(site)) == len(family) and is_well(site), WELL_WITHIN_S)
    assert "already" in site.manage("create_study", "kept").stderr


def test_a_database_that_hangs_is_reported_and_the_others_answer(site: RunningSite):
    wait_for(lambda: is_well(site))
    stopped = database(site)
    for process in stopped:
        process.suspend()
    try:
        assert answer(site, "/livez")[0] == 200
        status, ready = answer(site, "/readyz")
        assert (status, ready["database"], ready["redis"]) == (503, "down", "ok")
        assert answer(site, "/healthz")[0] == 503
    finally:
        for process in stopped:
            if process.is_running():
                process.resume()
    wait_for(lambda: is_well(site), WELL_WITHIN_S)


def test_a_full_disk_is_said_and_all_returns_with_room(site: RunningSite):
    if not site.var.is_mount():
        pytest.skip("needs root, to mount a small disk")
    wait_for(lambda: is_well(site))
    filler = site.var / "filler"
    with pytest.raises(OSError, match="No space left"):
        fill(filler)
    status, ready = answer(site, "/readyz")
    assert (status, ready["disk"]) == (503, "down")
    assert "full" in ready["problems"][0]
    assert urllib.request.urlopen(f"{site.url}/login/", timeout=10).status == 200
    filler.unlink()
    wait_for(lambda: is_well(site), WELL_WITHIN_S)
    assert site.manage("create_study", "after-the-full-disk").returncode == 0


def test_the_site_stops_within_30_s_on_ctrl_c(site: RunningSite):
    process = site.processes[-1]
    family = children(site)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert not [child for child in family if child.is_running()]
