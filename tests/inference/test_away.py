"""Faults outside of an epoch: a server that does not answer, a database that cannot store."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from inference.adapters import AdapterAwayError, RawReply
from inference.models import PreScoreRun
from inference.runs import work
from inference.runs.lifecycle import start_run
from inference.runs.reading import GpuWorkers, progress_of
from inference.runs.work import CHUNKS

pytestmark = pytest.mark.django_db
GOOD = '{"reasoning_text": "Alpha.", "applicable_rules": ["W.1"], "sleep_stage": "W"}'


class Served:
    """Answers GOOD; in front of the epochs in `away` its server goes."""

    renderer_version = ""
    about = {"guided": "schema"}

    def __init__(self):
        self.away = {5}

    def replies(self, night, epochs):
        for epoch in epochs:
            if epoch in self.away:
                raise AdapterAwayError("model server 1 answered 503")
            yield [RawReply(epoch=epoch, text=GOOD)]


@pytest.fixture
def adapter(monkeypatch):
    adapter = Served()
    monkeypatch.setattr(work, "adapter_of", lambda bundle: adapter)
    return adapter


@pytest.fixture
def run(noise_night, rules_bundle, adapter):
    return start_run(recording=noise_night, bundle=rules_bundle)


def work_once(run):
    CHUNKS.run(run.chunks.get().pk)
    run.refresh_from_db()


def make_wait_be_over(run):
    PreScoreRun.objects.filter(pk=run.pk).update(wait_until=timezone.now())


def test_the_run_records_what_its_model_changed_during_a_night(run, adapter, monkeypatch):
    """Such as the number of replies at once, when memory was too small."""

    def replies(night, epochs):
        for epoch in epochs:
            if epoch == 3:
                adapter.about = {"guided": "schema", "replies at once": "8 reduced to 4"}
            yield [RawReply(epoch=epoch, text=GOOD)]

    monkeypatch.setattr(adapter, "replies", replies)
    work_once(run)
    assert run.state == "done"
    assert run.about["replies at once"] == "8 reduced to 4"


def test_a_run_waits_for_its_server_keeps_what_it_has_and_loses_no_attempt(run):
    work_once(run)
    chunk = run.chunks.get()
    assert (run.state, run.done, chunk.state, chunk.attempt) == ("running", 5, "queued", 0)
    message = progress_of(run, workers=GpuWorkers(1, Counter({"rules": 1}))).message
    assert message.startswith("Model server 1 answered 503. Stored epochs are safe")
    assert CHUNKS.unsent() == []
    work_once(run)
    assert run.chunks.get().attempt == 0


def test_a_run_goes_on_when_its_server_is_back(run, adapter):
    work_once(run)
    adapter.away.clear()
    make_wait_be_over(run)
    assert CHUNKS.unsent() == [run.chunks.get().pk]
    work_once(run)
    assert (run.state, run.done, run.error, run.away_since) == ("done", 10, "", None)
    assert run.about == {"guided": "schema"}


def test_a_server_that_stays_away_ends_the_run_with_its_reason(run):
    work_once(run)
    PreScoreRun.objects.update(away_since=timezone.now() - timezone.timedelta(minutes=31))
    make_wait_be_over(run)
    work_once(run)
    assert run.state == PreScoreRun.State.FAILED
    assert run.error == "model server 1 answered 503, for 30 minutes."
    assert run.can_resume


def test_a_full_disk_of_the_database_costs_no_epoch(run, adapter):
    adapter.away.clear()
    fill_the_disk()
    work_once(run)
    assert (run.state, run.done, run.chunks.get().attempt) == ("running", 0, 0)
    assert "No space left on device" in run.error
    make_room()
    make_wait_be_over(run)
    work_once(run)
    assert (run.state, run.done, run.failed_count) == ("done", 10, 0)


def fill_the_disk():
    """Have the database refuse replies the way it does when its disk is full."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
            "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; "
            "END $$; CREATE TRIGGER full_disk BEFORE INSERT ON inference_reply "
            "EXECUTE FUNCTION full_disk()"
        )


def make_room():
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION full_disk CASCADE")
