"""A worker killed outright in the middle of a launch."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from annotations.rating.lifecycle import LAUNCHES, ask_to_launch
from annotations.rating.models import RatingSlot, RatingStudy
from tests.helpers.jobs import expire, swept
from tests.helpers.running_site import ROOT, nobody_else_is_at_work, wait_for

WORK = """
import sys
sys.path[:0] = [".", "platform"]
import django
django.setup()
from annotations.rating.lifecycle import LAUNCHES
LAUNCHES.run(int(sys.argv[1]))
"""


def worker(rating_study: RatingStudy, media: Path) -> subprocess.Popen[bytes]:
    """Start a process of its own that launches a study of this test's database."""
    at = connection.settings_dict
    host = quote(str(at["HOST"]), safe="")
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "epochwise.settings",
        "DATABASE_URL": f"postgres://{at['USER']}:{at['PASSWORD']}@{host}:{at['PORT']}/{at['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "MEDIA_ROOT": str(media),
    }
    return subprocess.Popen([sys.executable, "-c", WORK, str(rating_study.pk)], cwd=ROOT, env=env)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_costs_no_item_and_gives_no_queue_twice(
    draft_rating_study,
    raters,
    lead,
    media: Path,
):
    asked = ask_to_launch(rating_study=draft_rating_study(item_count=20), user=lead)
    first = worker(asked, media)

    def is_caught_at_work() -> bool:
        """Hold the worker still to look, so that it cannot finish in between."""
        first.send_signal(signal.SIGSTOP)
        asked.refresh_from_db()
        if 0 < asked.done < asked.total:
            return True
        first.send_signal(signal.SIGCONT)
        return False

    wait_for(is_caught_at_work, every_s=0.01)
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    wait_for(nobody_else_is_at_work)
    asked.refresh_from_db()
    assert asked.state == RatingStudy.State.LAUNCHING
    assert not RatingSlot.objects.exists()
    kept = dict(asked.items.exclude(signal_sha256="").values_list("pk", "pixel_sha256"))
    assert len(kept) == asked.done

    assert swept(LAUNCHES) == []
    expire(asked)
    assert swept(LAUNCHES) == [asked.pk]
    LAUNCHES.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.attempt, asked.done) == (RatingStudy.State.OPEN, 2, 20)
    assert kept.items() <= dict(asked.items.values_list("pk", "pixel_sha256")).items()
    assert [rater.rating_slots.count() for rater in raters] == [22, 22]
