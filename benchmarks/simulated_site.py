"""A running site with a simulated night and signed-in annotators."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.running_site import RunningSite

EPOCHS_AN_HOUR = 120
SLUG = "bench"

# Runs with the settings of the site: creates people, scorings and sessions.
PREPARE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from annotations.scoring.assignments import assign
from recordings.models import Recording
from studies.models import Role, User
from studies.members import add_member
night = Recording.objects.select_related("study").get(study__slug="bench")
people = []
for number in range(PEOPLE):
    user = User.objects.create_user(f"annotator-{number}")
    add_member(study=night.study, user=user, role=Role.ANNOTATOR)
    scoring = assign(recording=night, annotator=user, assigned_by=None)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "studies.accounts.signing_in.AccountBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    people.append({"session": session.session_key, "scoring": scoring.pk, "night": night.pk})
print(json.dumps(people))
"""

# Scores of all people: runs of equal stages with rules and rationales; some epochs unscored.
SCORE = """
import random
from annotations.models import Scoring
from annotations.scoring.scores import ScoreContent, Why, add_scores
chance = random.Random(1)
stages = [("W", "W.1"), ("N1", "N1.1"), ("N2", "N2.1"), ("N3", "N3.1"), ("R", "R.1")]
words = "Sleep spindle in C4-M1 at 12.3 s, 1.1 s long; K complex at 20.4 s; chin tone is moderate."
runs = []
while len(runs) < UP_TO:
    runs += [chance.choice(stages)] * chance.randint(1, 30)
contents = [
    (epoch, ScoreContent(stage=stage, rules=[rule], rationale=words))
    for epoch, (stage, rule) in enumerate(runs[:UP_TO])
    if (epoch + 1) % LEFT_OPEN_EVERY
]
for scoring in Scoring.objects.select_related("recording"):
    add_scores(scoring=scoring, why=Why.EDIT, contents=contents)
"""


@dataclass(frozen=True)
class Person:
    """A signed-in person: session key, scoring and recording."""

    session: str
    scoring: int
    night: int


@contextmanager
def site_with_night(
    *, people: int, epochs: int = 960
) -> Iterator[tuple[RunningSite, list[Person]]]:
    """Start a site with a simulated night; stop and delete it afterwards."""
    with tempfile.TemporaryDirectory(prefix="epochwise-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = RunningSite(folder / "site")
        try:
            site.start()
            yield site, _prepare(site, people, folder, epochs)
        finally:
            site.stop()


def _prepare(site: RunningSite, people: int, folder: Path, epochs: int) -> list[Person]:
    site.manage_json("create_study", SLUG)
    hours = str(epochs / EPOCHS_AN_HOUR)
    done = site.manage(
        "simulate_night", str(folder), "--hours", hours, "--seed", "1", "--subject", "N1"
    )
    assert done.returncode == 0, done.stderr
    site.manage_json("import_recording", str(folder / "N1 PSG.edf"), "--study", SLUG)
    printed = in_site(site, PREPARE.replace("PEOPLE", str(people)))
    return [Person(**person) for person in json.loads(printed.splitlines()[-1])]


def score_night(site: RunningSite, *, up_to: int, left_open_every: int) -> None:
    """Score all epochs before `up_to` in all scorings, except every n-th epoch."""
    code = SCORE.replace("UP_TO", str(up_to)).replace("LEFT_OPEN_EVERY", str(left_open_every))
    in_site(site, code)


def in_site(site: RunningSite, code: str) -> str:
    """Run Python code with the settings of the site and return its output."""
    done = site.manage("shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
