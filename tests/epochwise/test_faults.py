"""A site meets kills, a database that hangs and a full disk, and is well again within 60 s."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.helpers import migrated
from tests.helpers.running_site import ROOT, RunningSite, wait_for

pytestmark = [pytest.mark.long, pytest.mark.faults]
DISK = "400m"
WELL_WITHIN_S = 60
CSRF = "c" * 32


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[RunningSite]:
    """A running site on a small disk of its own, where this account may mount one."""
    var = Path("/tmp") / f"epochwise-faults-{os.getpid()}"
    var.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(var)]
    has_disk = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    site = RunningSite(var, more_env={"EPOCHWISE_DATABASE_UNSAFE": "0"})
    try:
        migrated.copy_site(var)
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


def answer(
    site: RunningSite, path: str, body: dict[str, Any] | None = None, session: str = ""
) -> tuple[int, dict[str, Any]]:
    """Get what is at a path, or put a body there."""
    request = urllib.request.Request(site.url + path, method="PUT" if body else "GET")
    if body:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if session:
        request.add_header("Cookie", f"sessionid={session}; csrftoken={CSRF}")
        request.add_header("X-CSRFToken", CSRF)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


MAKE_SCORER = """
import json
from annotations.scoring.assignments import assign
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from studies.members import add_member, create_study
from studies.models import Role, User
from tests.helpers.nights import stored_night

study, user = create_study(slug="kept"), User.objects.create_user("scorer")
add_member(study=study, user=user, role=Role.ANNOTATOR)
scoring = assign(recording=stored_night(study=study), annotator=user, assigned_by=None)
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "studies.accounts.signing_in.AccountBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(json.dumps([scoring.pk, session.session_key]))
"""


@dataclass
class Scorer:
    """A person who scores an epoch again and again, and notes what the site said it has saved."""

    site: RunningSite
    scoring: int
    session: str
    saved: list[str] = field(default_factory=list)

    def save(self) -> int:
        words = f"Save {len(self.saved) + 1}."
        content = {"stage": "N2", "rules": [], "flags": [], "evidence": [], "rationale": words}
        body = {"client_uuid": str(uuid.uuid4()), "version": len(self.saved), **content}
        path = f"/api/v1/scorings/{self.scoring}/epochs/0/"
        status, _ = answer(self.site, path, body, self.session)
        if status == 200:
            self.saved.append(words)
        return status

    @property
    def kept(self) -> list[str]:
        path = f"/api/v1/scorings/{self.scoring}/epochs/0/history/"
        _, told = answer(self.site, path, session=self.session)
        return sorted(revision["to"]["rationale"] for revision in told.get("revisions", []))


@pytest.fixture(scope="module")
def scorer(site: RunningSite) -> Scorer:
    made = site.manage("shell", "--verbosity", "0", "-c", MAKE_SCORER)
    assert made.returncode == 0, made.stderr
    return Scorer(site, *json.loads(made.stdout.splitlines()[-1]))


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


def test_every_process_may_be_killed_and_nothing_is_lost(site: RunningSite, scorer: Scorer):
    wait_for(lambda: is_well(site))
    assert scorer.save() == 200
    family = children(site)
    assert len(family) >= 5
    for process in family:
        process.kill()
    wait_for(lambda: {*children(site)} and not {*children(site)} & {*family}, WELL_WITHIN_S)
    wait_for(lambda: len(children(site)) == len(family) and is_well(site), WELL_WITHIN_S)
    assert scorer.save() == 200
    assert scorer.kept == scorer.saved


def test_a_database_that_hangs_and_dies_is_reported_and_the_others_answer(
    site: RunningSite, scorer: Scorer
):
    wait_for(lambda: is_well(site))
    assert scorer.save() == 200
    stopped = database(site)
    for process in stopped:
        process.suspend()
    try:
        assert answer(site, "/livez")[0] == 200
        status, ready = answer(site, "/readyz")
        assert (status, ready["database"], ready["redis"]) == (503, "down", "ok")
        assert answer(site, "/healthz")[0] == 503
        assert scorer.save() == 503
        assert answer(site, "/livez")[0] == 200
    finally:
        for process in stopped:
            if process.is_running():
                process.resume()
    wait_for(lambda: is_well(site), WELL_WITHIN_S)
    wait_for(lambda: scorer.save() == 200, WELL_WITHIN_S)
    for process in database(site):
        process.kill()
    wait_for(lambda: scorer.save() == 200, WELL_WITHIN_S)
    wait_for(lambda: scorer.kept == scorer.saved, WELL_WITHIN_S)
    wait_for(lambda: is_well(site), WELL_WITHIN_S)


LEASED_FOR_YEARS = """
import time, uuid
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from recordings.incoming import receive_recording
from recordings.models import Ingest
from studies.models import Study
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import incoming

with transaction.atomic():
    file = incoming(edf_bytes(sfreq_hz=200))
    made = receive_recording(study=Study.objects.get(), file=file)
    lease = {"lease_token": uuid.uuid4(), "lease_expires_at": timezone.now() + timedelta(days=3650)}
    Ingest.objects.filter(pk=made.pk).update(state=Ingest.RUNNING, attempt=1, **lease)
for _ in range(600):
    made.refresh_from_db()
    if made.state == Ingest.State.DONE:
        break
    time.sleep(0.1)
print(made.state)
"""


def test_work_that_is_leased_far_beyond_a_clock_set_back_is_taken_up_again(
    site: RunningSite, scorer: Scorer
):
    wait_for(lambda: is_well(site))
    done = site.manage("shell", "--verbosity", "0", "-c", LEASED_FOR_YEARS)
    assert done.stdout.splitlines()[-1] == "done", done.stderr


def test_a_full_disk_is_said_and_all_returns_with_room(site: RunningSite, scorer: Scorer):
    if not site.var.is_mount():
        pytest.skip("needs root, to mount a small disk")
    wait_for(lambda: is_well(site))
    filler = site.var / "filler"
    with pytest.raises(OSError, match="No space left"):
        fill(filler)
    status, ready = answer(site, "/readyz")
    assert (status, ready["disk"]) == (503, "down")
    assert "full" in ready["problems"][0]
    assert scorer.save() == 507
    assert urllib.request.urlopen(f"{site.url}/login/", timeout=10).status == 200
    filler.unlink()
    wait_for(lambda: is_well(site), WELL_WITHIN_S)
    wait_for((site.var / "reserve").exists, WELL_WITHIN_S)
    assert scorer.save() == 200
    assert scorer.kept == scorer.saved


def test_the_site_stops_within_30_s_on_ctrl_c(site: RunningSite):
    process = site.processes[-1]
    family = children(site)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert not [child for child in family if child.is_running()]


@pytest.mark.parametrize("has_reserve", [True, False])
def test_it_starts_on_a_full_disk_in_the_background_and_ctrl_c_still_stops_it(
    site: RunningSite, scorer: Scorer, tmp_path: Path, has_reserve: bool
):
    filler, log = site.var / "filler", tmp_path / "up.log"
    is_full = site.var.is_mount()
    if is_full:
        if not has_reserve:
            (site.var / "reserve").unlink()
        with pytest.raises(OSError, match="No space left"):
            fill(filler)
    up = [sys.executable, "-u", "manage.py", "up", "--port", str(site.port)]
    # A shell lets what it starts in the background ignore Ctrl-C.
    shell = subprocess.Popen(
        ["sh", "-c", '"$@" >> "$0" 2>&1 & echo $!', str(log), *up],
        cwd=ROOT,
        env=site.env,
        stdout=subprocess.PIPE,
    )
    process = psutil.Process(int(shell.communicate()[0]))
    try:
        if is_full and has_reserve:
            wait_for(lambda: not process.is_running() or answer_or_none(site, "/livez"))
            assert process.is_running(), log.read_text()
            assert scorer.save() == 507
        elif is_full:  # without the reserve the database cannot start at all
            wait_for(lambda: not process.is_running() or "tried again" in log.read_text())
            assert process.is_running(), log.read_text()
        filler.unlink(missing_ok=True)
        wait_for(lambda: is_well(site), WELL_WITHIN_S)
        if is_full:
            wait_for((site.var / "reserve").exists, WELL_WITHIN_S)
        assert scorer.save() == 200
        assert scorer.kept == scorer.saved
    finally:
        if process.is_running():
            process.send_signal(signal.SIGINT)
            process.wait(30)


def answer_or_none(site: RunningSite, path: str) -> tuple[int, dict[str, Any]] | None:
    try:
        return answer(site, path)
    except OSError:
        return None
