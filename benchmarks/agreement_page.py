"""Response time of the agreement page of a study with many nights.

    python benchmarks/agreement_page.py [--nights 62] [--scorers 5] [--times 10] [--json]

A complete site runs as with `manage.py up`, with scorings of simulated nights. `cold_s` is the time
of the first visit, which reads all epochs and computes all numbers. `warm_s` is the median of later
visits, whose numbers come from the cache. `changed_s` is the time of a visit after a change of an
epoch. `ratio` is `cold_s` divided by `warm_s`.
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

# Scorings with random errors of nights in runs of equal stages, and a viewer of the page.
FILL = """
import random
from annotations.exchange.scoring_files import import_contents
from annotations.exchange.scoring_files import labels_only_recording
from annotations.scoring.scores import ScoreContent
from psg.epochs import EpochGrid
from studies.models import Role, Study, User
from studies.members import add_member
chance = random.Random(1)
stages = [("W", "W.1"), ("N1", "N1.1"), ("N2", "N2.1"), ("N3", "N3.1"), ("R", "R.1")]
words = "Sleep spindle in C4-M1 at 12.3 s, 1.1 s long; K complex at 20.4 s; chin tone is moderate."
study = Study.objects.get(slug="SLUG")
for night in range(NIGHTS):
    recording = labels_only_recording(
        study=study, name=f"Night {night:03}", grid=EpochGrid(0.0, EPOCHS)
    )
    runs = []
    while len(runs) < EPOCHS:
        runs += [chance.choice(stages)] * chance.randint(1, 30)
    for scorer in range(SCORERS):
        scored = [chance.choice(stages) if chance.random() < 0.2 else run for run in runs[:EPOCHS]]
        contents = [(n, ScoreContent(s, [rule], words)) for n, (s, rule) in enumerate(scored)]
        import_contents(
            recording=recording, scorer_label=f"Scorer {scorer}", contents=contents, provenance={}
        )
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
    parser.add_argument("--nights", type=int, default=62)
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
    assert b"All scorers together" in page, "the page has no numbers"
    return took


if __name__ == "__main__":
    main()
