"""Ingest with a worker that is killed during a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from recordings.incoming import receive_recording
from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes
from tests.helpers.jobs import swept
from tests.helpers.nights import files_below, incoming
from tests.helpers.running_site import ROOT, nobody_else_is_at_work, wait_for

WORK = """
import sys
sys.path[:0] = [".", "platform"]
import django
django.setup()
from recordings.ingest import INGESTS
INGESTS.run(int(sys.argv[1]))
"""


def worker(ingest: Ingest, media: Path) -> subprocess.Popen[bytes]:
    """Start a process of its own that works on one ingest, on this test's database."""
    at = connection.settings_dict
    credentials = f"{at['USER']}:{at['PASSWORD']}"
    host = str(at["HOST"]).replace("/", "%2F")
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "epochwise.settings",
        "DATABASE_URL": f"postgres://{credentials}@{host}:{at['PORT']}/{at['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "MEDIA_ROOT": str(media),
        "INGEST_LEASE_S": "3",
    }
    return subprocess.Popen([sys.executable, "-c", WORK, str(ingest.pk)], cwd=ROOT, env=env)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_minutes_and_never_the_night(study, media: Path):
    # Big enough that the filter is caught at work.
    ingest = receive_recording(study=study, file=incoming(edf_bytes(seconds=900, sfreq_hz=1000)))
    first = worker(ingest, media)

    def is_caught_at_work() -> bool:
        """Hold the worker still to look, so that it cannot finish in between."""
        first.send_signal(signal.SIGSTOP)
        ingest.refresh_from_db()
        if ingest.step == "filter":
            return True
        first.send_signal(signal.SIGCONT)
        return False

    wait_for(is_caught_at_work, every_s=0.05)
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    wait_for(nobody_else_is_at_work)
    ingest.refresh_from_db()
    assert ingest.state == Ingest.State.RUNNING
    wait_for(lambda: swept(INGESTS) == [ingest.pk])
    assert worker(ingest, media).wait(300) == 0
    ingest.refresh_from_db()
    assert (ingest.state, ingest.attempt) == (Ingest.State.DONE, 2)
    assert Recording.objects.get().epoch_count == 30
    assert len(files_below(media)) == 3
