"""Adjudication of many scorers: times, size and queries against their budgets.

    python benchmarks/adjudication.py [--epochs 960] [--scorers 12] [--json]

A site of its own has a recording with finished scorings that differ on most epochs, each with a
rationale of the length that is usual. An adjudicator then opens the adjudication, loads a page of
rationales, previews a rule and applies it, in one process without a web server in between. `cpu_ms`
is the processor time of this process and of the database. The budget is 300 ms and 150 kB for what
is read; queries are compared with those of a tenth of the epochs and three scorers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.helpers.running_site import ROOT, RunningSite, fresh_site

BUDGET_MS, BUDGET_KB = 300, 150
FIGURES = ("ms", "cpu_ms", "kb", "queries", "queries_of_few")

MEASURE = """
import json, random, statistics, time, uuid
import psutil
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from annotations.adjudication.lifecycle import start_adjudication
from annotations.models import EpochRevision, Scorer
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring, create_scoring
from recordings.models import Recording, Subject
from studies.members import add_member, create_study
from studies.models import Role, User

settings.ALLOWED_HOSTS = ["testserver"]
WORDS = (
    "Sleep spindle in C4-M1 at 12.3-13.1 s (13.4 Hz, 38 uV) over a background of mixed frequency;"
    " no slow waves above 75 uV in F4-M1, and no rapid eye movements."
)
STAGES = ("W", "N1", "N2", "N3", "R")
study = create_study(slug="many")
user = User.objects.create(username="adjudicator")
add_member(study=study, user=user, role=Role.ADJUDICATOR)
subject = Subject.objects.create(study=study, code="S1")

def adjudication_of(scorers, epochs):
    drawn = random.Random(3)
    recording = Recording.objects.create(
        study=study, subject=subject, name=f"{scorers} of {epochs}", state="labels_only",
        epoch_count=epochs, duration_s=30.0 * epochs,
    )
    truth, stage = [], "W"
    for _ in range(epochs):
        stage = drawn.choice(STAGES) if drawn.random() < 0.08 else stage
        truth.append(stage)
    originals = []
    for number in range(scorers):
        scorer = Scorer.objects.create(
            kind="import", label=f"scorer {number} of {scorers}", study=study
        )
        scoring = create_scoring(recording=recording, scorer=scorer)
        given = [t if drawn.random() > 0.1 else drawn.choice(STAGES) for t in truth]
        contents = [(n, ScoreContent(stage=s, rationale=WORDS)) for n, s in enumerate(given)]
        add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.IMPORT)
        originals.append(close_scoring(scoring=scoring))
    return start_adjudication(scorings=originals, user=user, seed=1)

processes = [psutil.Process()]
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_backend_pid()")
    processes.append(psutil.Process(cursor.fetchone()[0]))
def used_s():
    return sum(sum(process.cpu_times()[:2]) for process in processes)

client = Client()
client.force_login(user)
RULE = {"percent": 60, "least_sides": 2}

def visits(adjudication, times):
    api = f"/api/v1/adjudications/{adjudication.pk}/"
    asked = ",".join(map(str, range(40, 60)))
    reads = {
        "page": (f"/adjudications/{adjudication.pk}/", {}),
        "adjudication": (api, {}),
        "rationales of 20 epochs": (f"{api}epochs/", {"epochs": asked}),
        "preview of a rule": (f"{api}majority/", RULE),
    }
    for name, (url, query) in reads.items():
        taken = []
        for _ in range(times):
            with CaptureQueriesContext(connection) as queries:
                before, started = used_s(), time.perf_counter()
                answer = client.get(url, query)
                taken.append((time.perf_counter() - started, used_s() - before))
        assert answer.status_code == 200, answer.content
        yield {
            "what": name, "ms": round(1000 * statistics.median(t for t, _ in taken)),
            "cpu_ms": round(1000 * statistics.mean(c for _, c in taken)),
            "kb": round(len(answer.content) / 1000), "queries": len(queries),
        }
    token = client.get(f"{api}majority/", RULE).json()["preview"]
    body = {"client_uuid": str(uuid.uuid4()), "preview": token, **RULE}
    with CaptureQueriesContext(connection) as queries:
        before, started = used_s(), time.perf_counter()
        answer = client.post(f"{api}majority/", body, "application/json")
        took, cpu = time.perf_counter() - started, used_s() - before
    assert answer.status_code == 201, answer.content
    yield {
        "what": f"settle {answer.json()['epoch_count']} epochs", "ms": round(1000 * took),
        "cpu_ms": round(1000 * cpu), "kb": round(len(answer.content) / 1000),
        "queries": len(queries),
    }

client.get("/")  # what the first page of a process loads
few = list(visits(adjudication_of(3, EPOCHS // 10), 2))
many = list(visits(adjudication_of(SCORERS, EPOCHS), 6))
print(json.dumps([
    {**row, "queries_of_few": other["queries"]} for row, other in zip(many, few, strict=True)
]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--epochs", type=int, default=960)
    parser.add_argument("--scorers", type=int, default=12)
    parser.add_argument("--json", action="store_true", help="print a JSON array")
    arguments = parser.parse_args()
    with fresh_site() as site:
        done = site.manage("migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        rows = json.loads(measured(site, arguments))
    if arguments.json:
        print(json.dumps(rows))
        return
    print(f"{arguments.scorers} scorings of {arguments.epochs} epochs")
    print(f"{'what':26}" + "".join(f"{name:>15}" for name in FIGURES) + "  budget")
    for row in rows:
        kept = row["ms"] <= BUDGET_MS and row["kb"] <= BUDGET_KB
        figures = "".join(f"{row[name]:>15}" for name in FIGURES)
        print(f"{row['what']:26}{figures}  {'kept' if kept else 'MISSED'}")


def measured(site: RunningSite, arguments: argparse.Namespace) -> str:
    head = f"EPOCHS, SCORERS = {arguments.epochs}, {arguments.scorers}"
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", f"{head}\n{MEASURE}"]
    done = subprocess.run(command, cwd=ROOT, env=site.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
