"""Response time of the agreement page of a study with many nights.

    python benchmarks/agreement_page.py [--nights 100] [--scorers 5] [--times 10] [--json]

A complete site runs as with `manage.py up`, with scorings of simulated nights. `cold_s` is the time
of the first visit, which reads all epochs and computes all numbers. `warm_s` is the median of later
visits, whose numbers come from the cache. `changed_s` is the time of a visit after a change of an
epoch. `ratio` is `cold_s` divided by `warm_s`. The budget of `cold_s` is 2 s for 100 nights.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.simulated_site import SLUG, in_site, site_with_night
from tests.helpers.running_site import RunningSite

EPOCHS = 960
BUDGET_S = 2.0

# Scorings with random errors, by statements of the database, and a viewer of the page.
FILL = """
from django.db import connection
from django.utils import timezone
from annotations.models import Scoring
from annotations.scoring.scorings import imported_scorer
from recordings.models import Recording, Subject
from studies.members import add_member
from studies.models import Role, Study, User
study = Study.objects.get(slug="SLUG")
scorers = [imported_scorer(study=study, label=f"Scorer {n}", provenance={}) for n in range(SCORERS)]
subjects = Subject.objects.bulk_create(
    Subject(study=study, code=f"B{n:04}") for n in range((NIGHTS + 1) // 2)
)
recordings = Recording.objects.bulk_create(
    Recording(
        study=study, subject=subjects[n // 2], night=1 + n % 2, name=f"Night {n:03}",
        state="labels_only", epoch_count=EPOCHS, duration_s=30.0 * EPOCHS,
    )
    for n in range(NIGHTS)
)
scorings = Scoring.objects.bulk_create(
    Scoring(
        recording=recording, scorer=scorer, rule_edition=study.rule_edition, state="submitted",
        submitted_at=timezone.now(),
    )
    for recording in recordings
    for scorer in scorers
)
bounds = [scorings[0].pk, scorings[-1].pk]
with connection.cursor() as cursor:
    # Foreign keys need no check of rows that are made from what they refer to.
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(
        '''INSERT INTO annotations_epochscore
             (scoring_id, epoch, stage, rules, rationale, evidence, flags, source_text, version,
              updated_at)
           SELECT s, e, stage, ARRAY[stage || '.1'],
                  'Sleep spindle in C4-M1 at 12.3 s, 1.1 s long; K complex at 20.4 s; chin low.',
                  '[]', '{}', '', 1, now()
           FROM (
             SELECT s, e, (ARRAY['W', 'N1', 'N2', 'N2', 'N2', 'N3', 'R'])[
                    1 + (e / 20 + CASE WHEN random() < 0.2 THEN 1 ELSE 0 END) %% 7] AS stage
             FROM generate_series(%s, %s) s, generate_series(0, EPOCHS - 1) e
           ) scored''', bounds)
    cursor.execute(
        '''INSERT INTO annotations_epochrevision
             (scoring_id, epoch, version, client_uuid, user_id, at, why, after, shown, active_ms)
           SELECT s, EPOCHS - 1, 1, gen_random_uuid(), NULL, now(), 'edit', '{"stage": "N2"}',
                  '{}', 3000
           FROM generate_series(%s, %s) s''', bounds)
    cursor.execute("SET session_replication_role = origin")
    cursor.execute("ANALYZE")
user = User.objects.get(username="annotator-0")
add_member(study=study, user=user, role=Role.VIEWER)
"""

CHANGE = """
from annotations.models import Scoring
from annotations.saving import Save
from annotations.scoring.scores import ScoreContent, score_epoch
from annotations.scoring.scorings import close_scoring, reopen_scoring
from studies.models import User
scoring = Scoring.objects.filter(recording__name="Night 000").first()
score_epoch(
    scoring=reopen_scoring(scoring=scoring), epoch=0, content=ScoreContent("R"),
    save=Save(user=User.objects.first(), seen_version=1),
)
close_scoring(scoring=scoring)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nights", type=int, default=100)
    parser.add_argument("--scorers", type=int, default=5)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    fill = FILL.replace("NIGHTS", str(arguments.nights)).replace("SLUG", SLUG)
    fill = fill.replace("SCORERS", str(arguments.scorers)).replace("EPOCHS", str(EPOCHS))
    with site_with_night(people=1, epochs=4) as (site, people):
        in_site(site, fill)
        session = people[0].session
        cold = visit(site, session)
        warm = [visit(site, session) for _ in range(arguments.times)]
        in_site(site, CHANGE)
        changed = visit(site, session)
    result = {
        "nights": arguments.nights,
        "scorers": arguments.scorers,
        "cold_s": round(cold, 2),
        "budget": "kept" if cold <= BUDGET_S else "MISSED",
        "warm_s": round(statistics.median(warm), 3),
        "warm_worst_s": round(max(warm), 3),
        "changed_s": round(changed, 2),
        "ratio": round(cold / statistics.median(warm), 1),
    }
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:16} {value}")


def visit(site: RunningSite, session: str) -> float:
    """Return the seconds until the agreement page has arrived completely."""
    request = urllib.request.Request(f"{site.url}/studies/{SLUG}/agreement/")
    request.add_header("Cookie", f"sessionid={session}")
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=300) as answer:
        page = answer.read()
    took = time.perf_counter() - started
    assert b"Agreement of all scorers" in page, "the page has no numbers"
    return took


if __name__ == "__main__":
    main()
