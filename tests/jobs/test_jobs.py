"""Work under a lease, of every kind: one worker has a row, a dead one loses it, nothing is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from annotations.agreement.results import wanted_report
from annotations.agreement.scope import scope_for
from annotations.agreement.work import REPORTS, await_result
from annotations.exchange.exports import EXPORTS, request_export
from annotations.exchange.import_work import IMPORTS
from annotations.exchange.imports import GivenFile, request_import, request_scoring_import
from annotations.exchange.plan import ImportOptions
from annotations.exchange.stage_plan import StageImportOptions
from annotations.exchange.stage_work import SCORING_IMPORTS
from annotations.rating.lifecycle import LAUNCHES, ask_to_launch
from annotations.releases.lifecycle import ask_to_freeze
from annotations.releases.work import RELEASES
from epochwise.celery import app
from epochwise.lifecycle.signal_corrections import request_correction
from inference.models import ModelAddition
from inference.registry.folders import ADDITIONS
from inference.registry.trials import CHECKS, ask_for_check
from inference.runs.lifecycle import start_run
from inference.runs.reading import GPU_QUEUE
from inference.runs.work import CHUNKS
from jobs import tasks
from jobs.kinds import JobKind, kind_named, kinds, send_after_commit
from jobs.models import ATTEMPTS, LeasedWork, LeaseLostError, kept_alive
from jobs.workers import connect
from psg.ingest.decisions import NightDecisions
from recordings.corrections.work import CORRECTIONS
from recordings.incoming import receive_recording
from recordings.ingest import INGESTS
from recordings.intake.examining import INTAKE_NIGHTS
from recordings.intake.reading_files import INTAKE_FILES
from recordings.intake.receiving import open_queue
from studies.models import NoticeDigest
from studies.notices.digests import DIGESTS
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file
from tests.helpers.jobs import expire, swept
from tests.helpers.massex_tables import night_csv
from tests.helpers.nights import incoming, stored_night

pytestmark = pytest.mark.django_db
LEASE_COLUMNS = ("state", "attempt", "lease_token", "lease_expires_at", "error")


@pytest.fixture(autouse=True)
def empty_gpu_queue() -> None:
    """Messages of earlier tests would look like messages on their way to a worker."""
    connect().delete(GPU_QUEUE)


@pytest.fixture
def ask(study, request) -> dict[JobKind, Callable[[], LeasedWork]]:
    """How a row of each kind of work comes to wait for a worker."""
    fixture = request.getfixturevalue

    def ask_for_release():
        fixture("settled")("01-0001")
        release = fixture("draft_release")()
        ask_to_freeze(
            release=release, version="1.0.0", seen_sha256=release.preview["sha256"], user=None
        )
        return release

    def ask_for_report():
        lead = fixture("lead")
        fixture("imported")("Anna", ["W", "N1"])
        return await_result(wanted_report(scope_for(lead, slug=study.slug).select()), lead)

    def ask_for_export():
        scorer = fixture("imported")("Anna", ["W", "N1"]).scorer
        return request_export(study=study, scorer=scorer, include_open=False, requested_by=None)

    def ask_for_import():
        data = night_csv("S1", ["W", "N1"]).encode()
        given = GivenFile(path="S1.csv", size=len(data), chunks=[data])
        return request_import(study=study, files=[given], options=ImportOptions(), user=None)

    def ask_for_scorings():
        given = GivenFile(path="S1.txt", size=2, chunks=[b"W\n"])
        return request_scoring_import(
            study=study, files=[given], options=StageImportOptions(), user=None
        )

    def ask_for_correction():
        night = stored_night(study=study, data=edf_bytes(sfreq_hz=100))
        said = NightDecisions(mains_hz=60.0)
        return request_correction(recording=night, given=said, why="American lab", user=None)

    def ask_for_file():
        queue = open_queue(study=study, user=fixture("lead"))
        return add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))

    def ask_for_night():
        file = ask_for_file()
        INTAKE_FILES.run(file.pk)
        return file.queue.nights.get()

    def ask_for_chunk():
        run = start_run(recording=fixture("noise_night"), bundle=fixture("rules_bundle"))
        return run.chunks.first()

    def ask_for_digest():
        return NoticeDigest.objects.create(user=fixture("lead"), day=timezone.localdate())

    return {
        DIGESTS: ask_for_digest,
        INGESTS: lambda: receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100))),
        CHUNKS: ask_for_chunk,
        CHECKS: lambda: ask_for_check(bundle=fixture("rules_bundle")),
        ADDITIONS: lambda: ModelAddition.objects.create(folder="reader"),
        EXPORTS: ask_for_export,
        REPORTS: ask_for_report,
        RELEASES: ask_for_release,
        LAUNCHES: lambda: ask_to_launch(
            rating_study=fixture("draft_rating_study")(item_count=4), user=None
        ),
        IMPORTS: ask_for_import,
        SCORING_IMPORTS: ask_for_scorings,
        CORRECTIONS: ask_for_correction,
        INTAKE_FILES: ask_for_file,
        INTAKE_NIGHTS: ask_for_night,
    }


KINDS = (
    *(INGESTS, CHUNKS, CHECKS, ADDITIONS, EXPORTS, RELEASES, LAUNCHES, IMPORTS),
    *(SCORING_IMPORTS, CORRECTIONS, INTAKE_FILES, INTAKE_NIGHTS, DIGESTS, REPORTS),
)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request) -> JobKind:
    return request.param


@pytest.fixture
def waiting(kind, ask) -> LeasedWork:
    """A row of the kind that waits for a worker."""
    return ask[kind]()


def columns(row: LeasedWork) -> dict:
    return type(row)._default_manager.values(*LEASE_COLUMNS).get(pk=row.pk)


def is_live(row: LeasedWork) -> bool:
    return columns(row)["state"] in {row.WAITING, row.RUNNING}


def test_every_kind_is_known_and_its_messages_name_a_task():
    app.loader.import_default_modules()
    assert set(kinds()) == set(KINDS)
    assert all(kind_named(kind.name) is kind for kind in KINDS)
    assert {kind.message(1).task for kind in kinds()} <= set(app.tasks)


def test_only_one_worker_gets_a_row(kind, waiting):
    row = kind.claim(waiting.pk)
    assert (row.state, row.attempt) == (row.RUNNING, 1)
    assert kind.claim(waiting.pk) is None
    assert swept(kind) == []


def test_who_has_the_row_holds_it_for_longer_with_each_sign_of_life(kind, waiting):
    row = kind.claim(waiting.pk)
    type(row)._default_manager.filter(pk=row.pk).update(
        lease_expires_at=timezone.now() + timedelta(seconds=1)
    )
    row.renew()
    left = columns(row)["lease_expires_at"] - timezone.now()
    assert row.lease() / 2 < left <= row.lease()


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_kept_alive_while_one_long_step_works(ask, monkeypatch):
    row = CHECKS.claim(ask[CHECKS]().pk)
    monkeypatch.setattr(type(row), "lease", classmethod(lambda cls: timedelta(seconds=0.3)))
    with kept_alive(row):
        first = columns(row)["lease_expires_at"]
        deadline = timezone.now() + timedelta(seconds=20)
        while columns(row)["lease_expires_at"] == first:
            assert timezone.now() < deadline


def test_work_that_is_settled_belongs_to_nobody(kind, waiting):
    row = kind.claim(waiting.pk)
    row.settle(error="what was found")
    after = columns(row)
    assert (after["lease_token"], after["lease_expires_at"]) == (None, None)
    assert after["error"] == "what was found"
    for change in (row.settle, row.renew):
        with pytest.raises(LeaseLostError):
            change(error="again")
    assert columns(row) == after


def test_an_attempt_that_failed_is_tried_again(kind, waiting):
    def fail(row):
        raise OSError(28, "No space left on device")

    replace(kind, work=fail).run(waiting.pk)
    after = columns(waiting)
    assert (after["state"], after["attempt"]) == (waiting.WAITING, 1)
    assert "No space left" in after["error"]
    assert swept(kind) == [waiting.pk]
    assert kind.claim(waiting.pk).attempt == 2


def test_the_last_attempt_that_fails_is_given_up(kind, waiting):
    def fail(row):
        raise OSError(28, "No space left on device")

    for _ in range(ATTEMPTS):
        replace(kind, work=fail).run(waiting.pk)
    assert not is_live(waiting)
    assert "No space left" in columns(waiting)["error"]
    assert kind.claim(waiting.pk) is None
    assert swept(kind) == []


def test_a_refusal_is_final(kind, waiting):
    def refuse(row):
        raise LookupError("The night is gone.")

    replace(kind, work=refuse, refusals=(LookupError,)).run(waiting.pk)
    assert not is_live(waiting)
    assert "The night is gone." in columns(waiting)["error"]


def test_work_that_took_longer_than_tasks_may_is_not_tried_again(kind, waiting):
    def work_for_ever(row):
        raise SoftTimeLimitExceeded

    replace(kind, work=work_for_ever).run(waiting.pk)
    assert not is_live(waiting)
    assert "took longer" in columns(waiting)["error"]


def test_only_files_from_outside_wait_in_their_own_queue():
    queues = {kind.name: kind.message(1).options.get("queue") for kind in KINDS}
    assert {name for name, queue in queues.items() if queue == "ingest"} == {
        "recordings.ingest",
        "annotations.masseximport",
        "annotations.scoringimport",
        "recordings.intakefile",
        "recordings.intakenight",
        "recordings.signalcorrection",
    }


def test_work_of_a_killed_worker_is_taken_up_again(kind, waiting):
    kind.claim(waiting.pk)
    expire(waiting)
    assert swept(kind) == [waiting.pk]
    after = columns(waiting)
    assert (after["state"], after["lease_token"]) == (waiting.WAITING, None)
    assert "stopped" in after["error"]
    assert kind.claim(waiting.pk).attempt == 2


def test_work_of_a_killed_worker_is_had_by_the_next_message_without_a_sweep(kind, waiting):
    kind.claim(waiting.pk)
    expire(waiting)
    assert kind.claim(waiting.pk).attempt == 2


def test_work_that_kills_every_worker_is_given_up_and_says_so(kind, waiting):
    for _ in range(ATTEMPTS):
        assert kind.claim(waiting.pk)
        expire(waiting)
    assert kind.claim(waiting.pk) is None
    assert swept(kind) == []
    assert not is_live(waiting)
    assert "stopped" in columns(waiting)["error"]


def test_who_lost_the_lease_writes_nothing(kind, waiting):
    slow = kind.claim(waiting.pk)
    expire(waiting)
    assert kind.claim(waiting.pk)
    before = columns(waiting)
    for change in (slow.renew, slow.hold, lambda: slow.settle(error="late")):
        with pytest.raises(LeaseLostError), transaction.atomic():
            change()
    kind.give_back(slow, error="late")
    kind.give_back(slow, error="late", is_final=True)
    assert columns(waiting) == before


def test_work_that_another_worker_took_over_meanwhile_leaves_the_row_to_it(kind, waiting):
    def lose(row):
        expire(row)
        kind.claim(row.pk)
        row.settle(error="late")

    replace(kind, work=lose).run(waiting.pk)
    after = columns(waiting)
    assert (after["state"], after["attempt"], after["error"]) == (waiting.RUNNING, 2, "")


def test_whoever_never_claimed_a_row_cannot_settle_it(kind, waiting):
    for row in (waiting, type(waiting)._default_manager.get(pk=waiting.pk)):
        with pytest.raises(LeaseLostError):
            row.settle(error="never mine")
    assert columns(waiting)["error"] == ""


def test_a_settlement_that_is_rolled_back_leaves_the_row_to_its_worker(kind, waiting):
    row = kind.claim(waiting.pk)
    with transaction.atomic():
        row.settle(error="settled")
        transaction.set_rollback(True)
    kind.give_back(row, error="rolled back")
    assert (columns(row)["state"], columns(row)["error"]) == (row.WAITING, "rolled back")


def test_a_lease_that_ends_later_than_any_lease_can_has_ended(kind, waiting):
    """The clock was set forward while it was written, and back again."""
    kind.claim(waiting.pk)
    late = timezone.now() + waiting.lease() + timedelta(seconds=5)
    type(waiting)._default_manager.update(lease_expires_at=late)
    assert kind.give_back_abandoned() == 1
    assert kind.claim(waiting.pk).attempt == 2


def test_a_message_sent_later_than_now_counts_as_lost(kind, waiting):
    """Likewise: or nobody would hear of the work until the clock has come that far again."""
    kind.note_sent([waiting.pk])
    assert kind.unsent() == []
    late = timezone.now() + timedelta(hours=1)
    type(waiting)._default_manager.update(lease_expires_at=late)
    if kind is CHUNKS:
        type(waiting)._default_manager.update(enqueued_at=late)
    assert kind.unsent() == [waiting.pk]


# Messages.


@pytest.fixture
def messages() -> Callable[[], int]:
    """Count what waits in all queues, from nothing."""
    queues = ("default", "ingest", "gpu")
    connect().delete(*queues)
    yield lambda: sum(connect().llen(queue) for queue in queues)
    connect().delete(*queues)


def test_the_sweep_sends_what_waits_once_and_again_when_the_message_is_lost(
    kind, waiting, messages
):
    tasks.sweep()
    tasks.sweep()
    assert messages() == 1
    connect().delete("default", "ingest", "gpu")  # as a Redis that starts anew
    past = timezone.now() - timedelta(minutes=10)
    type(waiting)._default_manager.update(lease_expires_at=past)
    if kind is CHUNKS:
        type(waiting)._default_manager.update(enqueued_at=past)
    tasks.sweep()
    assert messages() == 1


def test_a_row_is_sent_after_the_commit(
    kind, waiting, messages, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send_after_commit(waiting)
        assert messages() == 0
    assert messages() == 1
    tasks.sweep()
    assert messages() == 1


def test_what_is_asked_for_while_the_broker_is_away_is_sent_by_the_sweep(
    kind, waiting, messages, settings, tmp_path
):
    here, settings.REDIS_URL = settings.REDIS_URL, f"unix://{tmp_path}/nobody.sock"
    kind.send([waiting.pk])
    tasks.sweep()
    settings.REDIS_URL = here
    assert messages() == 0
    assert columns(waiting)["state"] == waiting.WAITING
    tasks.sweep()
    assert messages() == 1


def test_a_kind_that_cannot_be_swept_does_not_hold_up_the_others(ask, messages, monkeypatch):
    def broken(kind):
        raise RuntimeError("no sweep today")

    monkeypatch.setattr(type(CHUNKS), "sweep", broken)
    ask[IMPORTS]()
    tasks.sweep()
    assert messages() == 1


def test_a_row_that_cannot_be_given_up_does_not_hold_up_the_others(ask):
    rows = [ask[IMPORTS](), ask[IMPORTS]()]

    def give_up(row, error):
        if row.pk == rows[0].pk:
            raise OSError(28, "No space left on device")
        row.settle(state="failed", error=error)

    for row in rows:
        while IMPORTS.claim(row.pk):
            expire(row)
    assert replace(IMPORTS, give_up=give_up).give_back_abandoned() == 1
    assert [columns(row)["state"] for row in rows] == ["running", "failed"]
    expire(rows[0])
    assert IMPORTS.give_back_abandoned() == 1


def test_a_message_does_the_work_of_its_row(ask):
    made = ask[IMPORTS]()
    for _ in range(2):
        tasks.work(IMPORTS.name, made.pk)
    made.refresh_from_db()
    assert (made.state, made.attempt) == ("ready", 1)
