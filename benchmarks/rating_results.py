"""Results of a rating study with 62 nights: computation of the statistics, and their page.

    python benchmarks/rating_results.py [--recordings 62] [--replicates 1000] [--no-page] [--json]

Four arms with two rationales per night each, 496 items in all, and six raters; three rate an item.
``cpu_s`` is the processor time of all statistics of the page with their intervals, computed once
without cache. ``ratio`` compares it with a loop that concatenates the resampled recordings and
computes the same numbers for every replicate, timed on a few replicates and scaled up. Then a site
runs as with `manage.py up`: ``page_cold_s`` is the response time after a change of a rating,
``page_warm_s`` without a change, as medians over ``REQUESTS`` requests of a lead.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

from benchmarks.simulated_site import in_site
from psg.ratings import Draws, RatedItems, study_statistics
from tests.helpers.made_up_ratings import study
from tests.helpers.running_site import RunningSite

SEVERITY = [-0.4, -0.2, 0.0, 0.1, 0.2, 0.3]
ARMS = {"expert": 0.2, "model": 0.0, "older": -0.2, "wrong": -0.4}
STAGES, DIMENSIONS = 5, 3
LOOPED_REPLICATES = 3
REQUESTS = 9
SLUG = "bench"

FILL = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from annotations.rating.lifecycle import unblind
from studies.models import Role, Study, User
from studies.members import add_member
from tests.helpers.rated_studies import rated_study
study = Study.objects.get(slug="bench")
def person(name, role):
    user = User.objects.create_user(name)
    add_member(study=study, user=user, role=role)
    return user
lead = person("lead", Role.LEAD)
raters = [person(f"rater-{n}", Role.RATER) for n in range(len(SEVERITY))]
made = rated_study(study=study, raters=raters, arms=ARMS, severity=SEVERITY, recordings=RECORDINGS,
                   repeat_every=10, cannot_judge_every=25)
unblind(rating_study=made, user=lead, reason="All is rated.")
session = SessionStore()
session[SESSION_KEY] = str(lead.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = lead.get_session_auth_hash()
session.save()
print(json.dumps([session.session_key, made.pk]))
"""
# Changes the score of a rating, so that the next request cannot be answered from the cache.
CHANGE = """
from annotations.models import Rating
rating = Rating.objects.filter(slot__repeat=0, cannot_judge=False).order_by("pk")[NUMBER]
rating.factual_accuracy = rating.factual_accuracy % 5 + 1
rating.save()
"""


def simulated_items(recordings: int) -> tuple[RatedItems, dict[str, dict[str, np.ndarray]]]:
    """Items with scores in three dimensions, and their groups by arm, stage and correctness."""
    dimensions = [
        study(
            np.random.default_rng([1, place]),
            recordings=recordings,
            severity=SEVERITY,
            arms=list(ARMS.values()),
        )
        for place in range(DIMENSIONS)
    ]
    first, arm = dimensions[0]
    given = np.isnan(first.scores)
    others = [
        np.where(given, np.nan, np.nan_to_num(rated.scores, nan=3.0)) for rated, _ in dimensions[1:]
    ]
    items = RatedItems(
        np.concatenate([first.scores, *others], axis=3),
        first.cannot_judge,
        first.recordings,
        first.subjects,
        first.epochs,
    )
    places = np.arange(len(arm))
    return items, {
        "arm": {name: arm == place for place, name in enumerate(ARMS)},
        "stage": {str(stage): places % STAGES == stage for stage in range(STAGES)},
        "reference": {str(rest): places % 2 == rest for rest in range(2)},
    }


def drawn(
    items: RatedItems, groups: dict[str, dict[str, np.ndarray]], times: np.ndarray
) -> tuple[RatedItems, dict[str, dict[str, np.ndarray]]]:
    """Concatenate resampled recordings; a recording drawn twice becomes two recordings."""
    picked = np.repeat(np.arange(len(times)), times.astype(int))
    rows = [np.flatnonzero(items.recordings == recording) for recording in picked]
    index = np.concatenate(rows)
    copy = np.concatenate([np.full(len(row), n) for n, row in enumerate(rows)])
    resampled = RatedItems(
        items.scores[index],
        items.cannot_judge[index],
        copy,
        copy,
        items.epochs[index] + copy * (items.epochs.max() + 1),
    )
    return resampled, {
        way: {name: mask[index] for name, mask in masks.items()} for way, masks in groups.items()
    }


def timed_statistics(recordings: int, replicates: int) -> dict[str, float]:
    items, groups = simulated_items(recordings)
    started = time.process_time()
    study_statistics(items, groups, groups["arm"], Draws(replicates, seed=1))
    seconds = time.process_time() - started
    draws = Draws(replicates, seed=1).of(recordings).times[:LOOPED_REPLICATES]
    started = time.process_time()
    for times in draws:
        again, masks = drawn(items, groups, times)
        study_statistics(again, masks, masks["arm"], Draws(1, seed=1))
    loop_seconds = (time.process_time() - started) / len(draws) * replicates
    return {
        "items": len(items.recordings),
        "ratings": int((~np.isnan(items.first_looks[..., 0])).sum()),
        "cpu_s": round(seconds, 3),
        "loop_cpu_s": round(loop_seconds, 1),
        "ratio": round(loop_seconds / seconds, 1),
    }


def timed_page(recordings: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="epochwise-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = RunningSite(folder)
        try:
            site.start()
            site.manage_json("create_study", SLUG)
            code = FILL.replace("SEVERITY", repr(SEVERITY)).replace("ARMS", repr(ARMS))
            printed = in_site(site, code.replace("RECORDINGS", str(recordings)))
            session, number = json.loads(printed.splitlines()[-1])
            path = f"/ratings/{number}/?by=arm"
            answer_s(site, path, session)
            cold = []
            for change in range(REQUESTS):
                in_site(site, CHANGE.replace("NUMBER", str(change)))
                cold.append(answer_s(site, path, session))
            for _ in range(2 * REQUESTS):  # so that all web processes have cached the last change
                answer_s(site, path, session)
            warm = [answer_s(site, path, session) for _ in range(REQUESTS)]
        finally:
            site.stop()
    return {
        "page_cold_s": round(statistics.median(cold), 3),
        "page_warm_s": round(statistics.median(warm), 3),
        "page_warm_worst_s": round(max(warm), 3),
    }


def answer_s(site: RunningSite, path: str, session: str) -> float:
    """Return the seconds until the page has arrived."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    started = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - started
    assert answer.status == 200, answer.status
    assert b"Arms against one another" in body
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recordings", type=int, default=62)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument(
        "--no-page", action="store_true", help="measure the statistics only, without a site"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    result = timed_statistics(arguments.recordings, arguments.replicates)
    if not arguments.no_page:
        result |= timed_page(arguments.recordings)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:18} {value}")


if __name__ == "__main__":
    main()
