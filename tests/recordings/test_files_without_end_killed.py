"""Files that hang or swell, read by real workers: only their own imports fail, and at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from annotations.exchange.exports import EXPORTS, request_export
from annotations.exchange.import_work import IMPORTS
from annotations.exchange.imports import GivenFile, request_import
from annotations.exchange.models import Export, MassexImport
from annotations.exchange.plan import ImportOptions
from jobs.workers import connect
from recordings.incoming import IncomingFile, incoming_path, receive_recording
from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes
from tests.helpers.massex_tables import night_csv
from tests.helpers.nights import files_below, incoming
from tests.helpers.running_site import ROOT, nobody_else_is_at_work, wait_for

LIMIT_S = 8


@contextmanager
def workers(media: Path, log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers as the site runs them, on the servers of this test."""
    at = connection.settings_dict
    host = str(at["HOST"]).replace("/", "%2F")
    env = {
        **os.environ,
        "DATABASE_URL": f"postgres://{at['USER']}:{at['PASSWORD']}@{host}:{at['PORT']}/{at['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "MEDIA_ROOT": str(media),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "OMP_NUM_THREADS": "1",
        "INGEST_LEASE_S": "3",
        "READ_LIMIT_S": str(LIMIT_S),
        "READ_LIMIT_MIB": "300",
    }
    started = []
    for queue, processes in (("ingest", "2"), ("default", "1")):
        command = [sys.executable, "-m", "celery", "-A", "epochwise", "worker", "--queues", queue]
        command += ["--concurrency", processes, "--hostname", f"{queue}-of-{os.getpid()}@%h"]
        command += ["--without-gossip", "--without-mingle"]
        with log.with_name(f"{queue}.log").open("ab") as output:
            started.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=env,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)
        wait_for(nobody_else_is_at_work)


def upload(study, *, stages: bytes | None = None) -> Ingest:
    data = edf_bytes(sfreq_hz=100 + Ingest.objects.count())
    extra = None if stages is None else IncomingFile(chunks=[stages], name="stages.csv")
    return receive_recording(study=study, file=incoming(data), stages=extra)


def with_stages(ingest: Ingest, make) -> Ingest:
    """Put something else in the place of an uploaded stage file."""
    path = incoming_path(ingest.stages_path)
    path.unlink()
    make(path)
    return ingest


@pytest.mark.django_db(transaction=True)
def test_a_file_that_hangs_or_swells_costs_its_own_import_only(
    study, imported, media: Path, tmp_path: Path
):
    connect().delete("default", "ingest")
    # A pipe that nobody writes into is opened for ever. A device of zeros has no end: no more of it
    # is read than a stage file may have.
    hanging = with_stages(upload(study, stages=b"x"), os.mkfifo)
    swelling = with_stages(upload(study, stages=b"x"), lambda path: path.symlink_to("/dev/zero"))
    sound = upload(study, stages=b"stage,epoch\nW,0\nN1,1\n")
    scorer = imported("Anna", ["W", "N1"]).scorer
    export = request_export(study=study, scorer=scorer, include_open=False, requested_by=None)
    table = night_csv("S1", ["W", "N1"]).encode()
    tables = request_import(
        study=study,
        files=[GivenFile(path="S1.csv", size=len(table), chunks=[table])],
        options=ImportOptions(),
        user=None,
    )
    INGESTS.send([hanging.pk, swelling.pk, sound.pk])
    IMPORTS.send([tables.pk])
    EXPORTS.send([export.pk])

    def others_are_done() -> bool:
        for row in (sound, export, tables, swelling):
            row.refresh_from_db()
        return {
            sound.state == Ingest.State.DONE,
            swelling.state == Ingest.State.FAILED,
            export.state == Export.State.DONE,
            tables.state == MassexImport.State.READY,
        } == {True}

    def is_failed() -> bool:
        hanging.refresh_from_db()
        return hanging.state == Ingest.State.FAILED

    with workers(media, tmp_path / "log") as started:
        wait_for(others_are_done)
        limits = [Path(f"/proc/{worker.pid}/limits").read_text() for worker in started]
        assert all(f" {settings.WORKER_LIMIT_BYTES} " in text for text in limits)
        wait_for(is_failed)
    assert "took too long" in hanging.error
    assert f"{LIMIT_S} s" in hanging.error
    assert "format of the stage file is not" in swelling.error
    # The lease lasts 3 s: it was renewed meanwhile, and nobody tried again.
    assert (hanging.attempt, swelling.attempt, sound.attempt) == (1, 1, 1)
    assert not [path for path in files_below(media) if "incoming" in path.parts]
    states = Recording.objects.filter(ingest__isnull=False).values_list("state", flat=True)
    assert sorted(states) == ["failed", "failed", "ready"]
