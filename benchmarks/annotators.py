"""Many annotators at once on one small machine.

    python benchmarks/annotators.py [--people 50] [--seconds 120] [--json]

A whole site runs as `manage.py up` runs it, over a simulated 8-h night. Each annotator is signed
in and scores 17 epochs a minute: one read of the epochs ahead and one save an epoch, at a steady
pace with its own offset. The load generator runs beside the site on the same cores, niced.
Reported: latency of reads and saves, errors, and acknowledged saves missing from the database.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.running_site import RunningSite

EPOCHS_A_MINUTE = 17
EPOCHS_AHEAD = 4
SLUG = "load"

# Run in the site's own settings: make the people, their scorings and their sessions.
PREPARE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from annotations.services.assignments import assign
from recordings.models import Recording
from studies.models import Role, User
from studies.services.invitations import add_member
night = Recording.objects.select_related("study").get(study__slug="load")
people = []
for number in range(PEOPLE):
    user = User.objects.create_user(f"annotator-{number}")
    add_member(study=night.study, user=user, role=Role.ANNOTATOR)
    scoring = assign(recording=night, annotator=user, assigned_by=None)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    people.append({"session": session.session_key, "scoring": scoring.pk, "night": night.pk})
print(json.dumps(people))
"""
COUNT = """
from annotations.models import EpochRevision
print(*EpochRevision.objects.values_list("client_uuid", flat=True))
"""


@dataclass
class Annotator:
    """One signed-in person with one connection that stays open."""

    site_port: int
    session: str
    scoring: int
    night: int
    latencies_ms: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def work(self, *, until: float, offset_s: float) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.site_port, timeout=60)
        due = time.monotonic() + offset_s
        for epoch in range(960):
            due += 60 / EPOCHS_A_MINUTE
            if due > until:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            self._turn(epoch)

    def _turn(self, epoch: int) -> None:
        first = min(epoch, 960 - EPOCHS_AHEAD)
        path = f"/api/v1/recordings/{self.night}/epochs/{first}/?count={EPOCHS_AHEAD}"
        self._send("GET", path)
        client_uuid = str(uuid.uuid4())
        body = {
            "client_uuid": client_uuid,
            "version": 0,
            "stage": "N2",
            "rules": ["N2.1"],
            "rationale": "Sleep spindle in C4-M1 at 12.3 s.",
            "flags": [],
            "evidence": [],
        }
        if self._send("PUT", f"/api/v1/scorings/{self.scoring}/epochs/{epoch}/", body):
            self.acknowledged.append(client_uuid)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> bool:
        token = "t" * 32
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }
        started = time.perf_counter()
        try:
            text = None if body is None else json.dumps(body)
            self._connection.request(method, path, text, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(repr(error))
            self._connection.close()
            return False
        self.latencies_ms.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            self.errors.append(f"{method} {answer.status}")
        return answer.status == 200


def prepare(site: RunningSite, people: int, folder: Path) -> list[dict[str, Any]]:
    site.manage_json("create_study", SLUG)
    night = ("simulate_night", str(folder), "--hours", "8", "--seed", "1", "--subject", "N1")
    assert site.manage(*night).returncode == 0
    site.manage_json("import_recording", str(folder / "N1 PSG.edf"), "--study", SLUG)
    done = site.manage("shell", "-v", "0", "-c", PREPARE.replace("PEOPLE", str(people)))
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def load(site: RunningSite, people: list[dict[str, Any]], seconds: float) -> list[Annotator]:
    annotators = [Annotator(site.port, **person) for person in people]
    os.nice(10)
    until = time.monotonic() + seconds
    step_s = 60 / EPOCHS_A_MINUTE / len(annotators)
    threads = [
        threading.Thread(target=one.work, kwargs={"until": until, "offset_s": step_s * number})
        for number, one in enumerate(annotators)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return annotators


def measure(people: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="epochwise-load-") as folder:
        Path(folder).chmod(0o755)
        site = RunningSite(Path(folder) / "site")
        try:
            site.start()
            prepared = prepare(site, people, Path(folder))
            annotators = load(site, prepared, seconds)
            stored = set(site.manage("shell", "-v", "0", "-c", COUNT).stdout.split())
        finally:
            site.stop()
    latencies = np.array([ms for one in annotators for ms in one.latencies_ms])
    acknowledged = {client_uuid for one in annotators for client_uuid in one.acknowledged}
    errors = [error for one in annotators for error in one.errors]
    return {
        "people": people,
        "seconds": seconds,
        "requests": len(latencies),
        "p50_ms": round(float(np.percentile(latencies, 50)), 1),
        "p95_ms": round(float(np.percentile(latencies, 95)), 1),
        "p99_ms": round(float(np.percentile(latencies, 99)), 1),
        "saves": len(acknowledged),
        "errors": len(errors),
        "lost": len(acknowledged - stored),
        "first_error": errors[0] if errors else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    result = measure(arguments.people, arguments.seconds)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:12} {value}")


if __name__ == "__main__":
    main()
