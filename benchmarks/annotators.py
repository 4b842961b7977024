"""Load of many concurrent annotators on a small machine.

    python benchmarks/annotators.py [--people 50] [--seconds 120] [--json]

A complete site runs as with `manage.py up`, with a simulated 8-h night. Each annotator is signed in
and scores 17 epochs per minute on average. The time per epoch is random (lognormal, seeded, half of
the epochs within 2.3 to 4.4 s), so requests of fifty people coincide at random. For each epoch the
score is saved, the next epochs are read, and half a second later the results of the rule checks are
read, as the page does. The load generator runs on the same cores with lower priority. Results:
latency by kind of request and in all, errors, acknowledged saves missing from the database, and
processor time per request of the web processes and the database, which depends less on other load.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.simulated_site import Person, in_site, score_night, site_with_night
from tests.helpers.running_site import RunningSite

EPOCHS_A_MINUTE = 17
EPOCHS_AHEAD = 4
EPOCH_COUNT = 960
# The first half of the night is scored, so that the rule checks have epochs to read.
FIRST_EPOCH = 480
# Standard deviation of the logarithm of the seconds per epoch.
SPREAD = 0.5
# The page requests the rule checks after this time without a save.
PAUSE_BEFORE_CHECKS_S = 0.5
KINDS = ("save", "read", "checks")

COUNT = """
from annotations.models import EpochRevision
print(*EpochRevision.objects.values_list("client_uuid", flat=True))
"""


@dataclass
class Annotator:
    """A signed-in person with an open connection."""

    site_port: int
    person: Person
    seed: int
    epochs: range = range(FIRST_EPOCH, EPOCH_COUNT)
    latencies_ms: dict[str, list[float]] = field(default_factory=lambda: {k: [] for k in KINDS})
    acknowledged: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def work(self, *, until: float) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.site_port, timeout=60)
        due = time.monotonic()
        for epoch, takes_s in zip(self.epochs, self._pace(), strict=False):
            due += takes_s
            if due > until:
                return
            checks_due = time.monotonic() + PAUSE_BEFORE_CHECKS_S
            if epoch > self.epochs.start and checks_due < due:
                time.sleep(PAUSE_BEFORE_CHECKS_S)
                self._send("checks", "GET", f"/api/v1/scorings/{self.person.scoring}/findings/")
            time.sleep(max(0.0, due - time.monotonic()))
            self._turn(epoch)

    def _pace(self) -> Iterator[float]:
        chance = random.Random(self.seed)
        median_s = 60 / EPOCHS_A_MINUTE * math.exp(-(SPREAD**2) / 2)
        # The measurement begins at a random time within an epoch.
        yield chance.uniform(0, 60 / EPOCHS_A_MINUTE)
        while True:
            yield chance.lognormvariate(math.log(median_s), SPREAD)

    def _turn(self, epoch: int) -> None:
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
        path = f"/api/v1/scorings/{self.person.scoring}/epochs/{epoch}/"
        if self._send("save", "PUT", path, body):
            self.acknowledged.append(client_uuid)
        first = min(epoch + 1, self.epochs.stop - EPOCHS_AHEAD)
        path = f"/api/v1/recordings/{self.person.night}/epochs/{first}/?count={EPOCHS_AHEAD}"
        self._send("read", "GET", path)

    def _send(
        self, kind: str, method: str, path: str, body: dict[str, object] | None = None
    ) -> bool:
        token = "t" * 32
        headers = {
            "Cookie": f"sessionid={self.person.session}; csrftoken={token}",
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
        self.latencies_ms[kind].append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            self.errors.append(f"{method} {answer.status}")
        return answer.status == 200


def load(
    site: RunningSite,
    people: list[Person],
    seconds: float,
    epochs: range = range(FIRST_EPOCH, EPOCH_COUNT),
) -> list[Annotator]:
    annotators = [Annotator(site.port, person, seed, epochs) for seed, person in enumerate(people)]
    os.nice(10)
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=annotator.work, kwargs={"until": until}) for annotator in annotators
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return annotators


def processor_s(site: RunningSite) -> dict[str, float]:
    """Return the processor time used by the processes of web and database since their start."""
    spent = {"web": 0.0, "database": 0.0}
    for process in psutil.Process(site.processes[0].pid).children(recursive=True):
        command = " ".join(process.cmdline())
        part = "web" if "gunicorn" in command else "database" if "postgres" in command else None
        if part:
            times = process.cpu_times()
            spent[part] += times.user + times.system
    return spent


def measure(people: int, seconds: float) -> dict[str, float | str | None]:
    with site_with_night(people=people, epochs=EPOCH_COUNT) as (site, prepared):
        score_night(site, up_to=FIRST_EPOCH, left_open_every=40)
        before_s = processor_s(site)
        annotators = load(site, prepared, seconds)
        spent_s = {part: total - before_s[part] for part, total in processor_s(site).items()}
        stored = set(in_site(site, COUNT).split())
    by_kind = {
        kind: [ms for annotator in annotators for ms in annotator.latencies_ms[kind]]
        for kind in KINDS
    }
    all_ms = [ms for latencies in by_kind.values() for ms in latencies]
    acknowledged = {uuid for annotator in annotators for uuid in annotator.acknowledged}
    errors = [error for annotator in annotators for error in annotator.errors]
    return {
        "people": people,
        "seconds": seconds,
        "requests": len(all_ms),
        **percentiles_ms("", all_ms),
        **{
            name: ms
            for kind, latencies_ms in by_kind.items()
            if latencies_ms  # without pauses between saves there are no checks
            for name, ms in percentiles_ms(f"{kind}_", latencies_ms).items()
        },
        **{
            f"{part}_cpu_ms_a_request": round(1000 * total / len(all_ms), 2)
            for part, total in spent_s.items()
        },
        "saves": len(acknowledged),
        "errors": len(errors),
        "lost": len(acknowledged - stored),
        "first_error": errors[0] if errors else None,
    }


def percentiles_ms(prefix: str, latencies_ms: list[float]) -> dict[str, float]:
    shares = (50, 95, 99)
    return {
        f"{prefix}p{share}_ms": round(float(np.percentile(latencies_ms, share)), 1)
        for share in shares
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    result = measure(arguments.people, arguments.seconds)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
