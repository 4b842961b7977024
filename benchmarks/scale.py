"""Pages of a study with many recordings and scorers: time, size and queries against their budgets.

    python benchmarks/scale.py [--recordings 1000] [--scorers 20] [--epochs 960] [--json]
                               [--without agreement | --only agreement]

A site of its own is filled by statements of the database: every recording has a scoring by every
scorer, most of them finished. All epochs are scored; the first 100 recordings have a revision of
each epoch, as saves leave them, the others the last one alone, because lists read only that. Each
page is then asked for by a lead in one process, without a web server in between. `first_ms` is the
first visit, `ms` the median of the next ones, and `cpu_ms` their processor time in the process and
in the database, which depends less on other load. The budget is 300 ms and 150 kB, with as many
queries for 50 as for all recordings.

Agreement is first asked for with nothing in the cache. Of more than 150 recordings the answer is
the page that waits for a worker; the work is then done in a process of its own, and measured: its
time, and the memory that its process needed in all and more than before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.helpers.running_site import ROOT, RunningSite, fresh_site

FIGURES = ("first_ms", "ms", "cpu_ms", "kb", "queries")
BUDGET_MS, BUDGET_KB = 300, 150
WITHIN_S = 3 * 3600

FILL = """
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from annotations.models import Scorer, Scoring
from annotations.scoring.scorings import scorer_of_user
from inference.models import PreScoreRun
from inference.registry.bundles import find_bundle
from recordings.models import Recording, Subject
from studies.members import add_member, create_study
from studies.models import Role, User

study = create_study(slug="scale")
lead = User.objects.create(username="lead")
add_member(study=study, user=lead, role=Role.LEAD)
scorers = []
for number in range(SCORERS):
    user = User.objects.create(username=f"annotator-{number:02}")
    add_member(study=study, user=user, role=Role.ANNOTATOR)
    scorers.append(scorer_of_user(user=user))
subjects = Subject.objects.bulk_create(
    Subject(study=study, code=f"S{n:04}") for n in range((RECORDINGS + 1) // 2)
)
recordings = Recording.objects.bulk_create(
    Recording(
        study=study, subject=subjects[n // 2], night=1 + n % 2, name=f"COH-{n:04}",
        state="ready" if n % 2 else "labels_only", epoch_count=EPOCHS, duration_s=30.0 * EPOCHS,
        warnings=["A channel is flat."] if n % 9 == 0 else [],
    )
    for n in range(RECORDINGS)
)
today = timezone.localdate()
scorings = Scoring.objects.bulk_create(
    (
        Scoring(
            recording=recording, scorer=scorer, rule_edition=study.rule_edition,
            state="open" if (n + k) % 5 == 0 else "submitted",
            due=today + timedelta(days=(n + k) % 30 - 5),
            submitted_at=None if (n + k) % 5 == 0 else timezone.now(),
        )
        for n, recording in enumerate(recordings)
        for k, scorer in enumerate(scorers)
    ),
    batch_size=2000,
)
bundle = find_bundle("rules")
by_model = Scoring.objects.bulk_create(
    Scoring(recording=r, scorer=bundle.scorer, rule_edition=study.rule_edition, state="submitted")
    for r in recordings
)
PreScoreRun.objects.bulk_create(
    PreScoreRun(
        recording=s.recording, bundle=bundle, scoring=s, total=EPOCHS, done=EPOCHS, state="done",
        requested_by=lead,
    )
    for s in by_model
)
first = scorings[0].pk
after_first_hundred = first + 100 * SCORERS
with connection.cursor() as cursor:
    # Foreign keys need no check of rows that are made from what they refer to.
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(
        '''INSERT INTO annotations_epochscore
             (scoring_id, epoch, stage, rules, rationale, evidence, flags, source_text, version,
              updated_at)
           SELECT s, e, (ARRAY['W', 'N1', 'N2', 'N2', 'N2', 'N3', 'R'])[
                    1 + (e / 20 + CASE WHEN random() < 0.2 THEN 1 ELSE 0 END) %% 7],
                  '{}', '', '[]', '{}', '', 1, now()
           FROM generate_series(%s, %s) s, generate_series(0, %s) e''',
        [first, scorings[-1].pk, EPOCHS - 1],
    )
    cursor.execute(
        '''INSERT INTO annotations_epochrevision
             (scoring_id, epoch, version, client_uuid, user_id, at, why, after, shown, active_ms)
           SELECT s, e, 1, gen_random_uuid(), NULL, now(), 'edit', '{"stage": "N2"}', '{}', 3000
           FROM generate_series(%s, %s) s, generate_series(0, %s) e
           WHERE s < %s OR e = %s''',
        [first, scorings[-1].pk, EPOCHS - 1, after_first_hundred, EPOCHS - 1],
    )
    cursor.execute("SET session_replication_role = origin")
    cursor.execute("ANALYZE")
print(len(scorings))
"""

VISIT = '''
import json, statistics, subprocess, sys, time
import psutil
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from annotations.agreement.caching import forget_all
from annotations.agreement.nights import refresh_nights
from recordings.models import Recording
from studies.models import Study, User

settings.ALLOWED_HOSTS = ["testserver"]
study = Study.objects.get(slug="scale")
started = time.perf_counter()
computed = 0 if ONLY else refresh_nights(study.pk)
refreshed_s = time.perf_counter() - started
client = Client()
client.force_login(User.objects.get(username="lead"))
recording = Recording.objects.first()
of_study = "/studies/scale"
PAGES = {
    "start page": "/",
    "overview": f"{of_study}/",
    "plot of agreement by recording": f"{of_study}/overview/nights/",
    "recordings": f"{of_study}/recordings/",
    "recordings, last page": f"{of_study}/recordings/?page=9999",
    "recordings by kappa": f"{of_study}/recordings/?sort=-kappa&kappa_below=0.9",
    "recordings by scored": f"{of_study}/recordings/?sort=scored",
    "recordings by due date": f"{of_study}/recordings/?sort=due",
    "recordings overdue": f"{of_study}/recordings/?work=overdue",
    "recordings, every column": f"{of_study}/recordings/?" + "&".join(
        f"column={name}" for name in ("name", "subject", "night", "state", "doubts", "epochs",
        "duration", "scored", "scorers", "others", "kappa", "disputed", "due", "last", "added")
    ),
    "scorings": f"{of_study}/scorings/",
    "scorings overdue": f"{of_study}/scorings/?due=overdue&sort=due",
    "scorings with requests": f"{of_study}/scorings/?asked=yes",
    "recording": f"/recordings/{recording.pk}/",
    "scorings of a recording": f"/recordings/{recording.pk}/scorings/",
    "differences of a recording": f"/recordings/{recording.pk}/scorings/?all",
    "agreement of a recording": f"/recordings/{recording.pk}/agreement/",
    "report of a recording": f"/recordings/{recording.pk}/report/",
    "report of a recording as PDF": f"/recordings/{recording.pk}/report.pdf",
    "runs": f"{of_study}/runs/",
    "releases": f"{of_study}/releases/",
    "agreement": f"{of_study}/agreement/",
}
class Processor:
    # Of this process and of the database that works for it.
    def __init__(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._processes = [psutil.Process(), psutil.Process(cursor.fetchone()[0])]
    def start(self):
        self._before = self._now()
    def used(self):
        return 1000 * (self._now() - self._before)
    def _now(self):
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)
cpu = Processor()
def visit(url):
    with CaptureQueriesContext(connection) as queries:
        cpu.start()
        started = time.perf_counter()
        answer = client.get(url, headers={"Accept-Encoding": "identity"})
        took = time.perf_counter() - started
    return answer.status_code, 1000 * took, len(answer.content) / 1000, len(queries), cpu.used()
WORK = """
import json, resource, time
from annotations.agreement.models import AgreementWork
from annotations.agreement.work import REPORTS
def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, started = peak_mib(), time.perf_counter()
spent = time.process_time()
for pk in AgreementWork.objects.values_list("pk", flat=True):
    REPORTS.run(pk)
print(json.dumps({
    "s": round(time.perf_counter() - started, 1), "cpu_s": round(time.process_time() - spent, 1),
    "mib": round(peak_mib()), "more_mib": round(peak_mib() - before),
}))
"""
def work_in_a_process():
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", WORK]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
client.get("/")  # what the first page of a process loads
work = None
rows = []
for name, url in PAGES.items():
    if name in WITHOUT or ONLY and name not in ONLY:
        continue
    if name == "agreement":
        forget_all()
    visits = [visit(url)]
    if name == "agreement":
        work = work_in_a_process()
    visits += [visit(url) for _ in range(5)]
    status, first_ms, kb, _, _ = visits[0]
    rows.append({
        "page": name, "status": status, "first_ms": round(first_ms),
        "ms": round(statistics.median(v[1] for v in visits[1:])), "kb": round(kb),
        "queries": visits[-1][3], "cpu_ms": round(statistics.mean(v[4] for v in visits[1:])),
    })
print(json.dumps(
    {"refreshed": computed, "refresh_s": round(refreshed_s, 1), "work": work, "pages": rows}
))
'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recordings", type=int, default=1000)
    parser.add_argument("--scorers", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=960)
    parser.add_argument("--without", nargs="*", default=[], help="pages to leave out")
    parser.add_argument("--only", nargs="*", default=[], help="pages to measure")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    with fresh_site() as site:
        done = site.manage("migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        in_site(site, FILL, arguments)
        result = json.loads(in_site(site, VISIT, arguments).splitlines()[-1])
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{arguments.recordings} recordings, {arguments.scorers} scorers of each")
    print(f"agreement of {result['refreshed']} recordings stored in {result['refresh_s']} s")
    if work := result["work"]:
        print(
            f"agreement by a worker: {work['s']} s, {work['cpu_s']} s of a processor,"
            f" {work['mib']} MiB, {work['more_mib']} more than before"
        )
    print(f"{'page':28}" + "".join(f"{name:>9}" for name in FIGURES) + "  budget")
    for row in result["pages"]:
        kept = row["ms"] <= BUDGET_MS and row["kb"] <= BUDGET_KB and row["status"] == 200
        figures = "".join(f"{row[name]:>9}" for name in FIGURES)
        print(f"{row['page']:28}{figures}  {'kept' if kept else 'MISSED'}")


def in_site(site: RunningSite, code: str, arguments: argparse.Namespace) -> str:
    """Run Python code with the settings of the site, however long it takes."""
    numbers = {
        "RECORDINGS": arguments.recordings,
        "SCORERS": arguments.scorers,
        "EPOCHS": arguments.epochs,
        "WITHOUT": arguments.without,
        "ONLY": arguments.only,
    }
    head = "\n".join(f"{name} = {value!r}" for name, value in numbers.items())
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", f"{head}\n{code}"]
    done = subprocess.run(
        command, cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=WITHIN_S
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


if __name__ == "__main__":
    main()
