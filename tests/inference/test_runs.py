"""Runs: start, work, cancel, resume, retry."""

from dataclasses import replace

import pytest
from django.utils import timezone

from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from inference.adapters import RawReply
from inference.models import PreScoreRun, Reply, RunChunk
from inference.runs import lifecycle, work
from inference.runs.lifecycle import (
    RunRefusedError,
    cancel_run,
    resume_run,
    retry_failed,
    start_run,
)
from inference.runs.replies import epochs_left, store_replies
from inference.runs.work import CHUNKS, finish_stranded
from jobs.models import LeaseLostError

pytestmark = pytest.mark.django_db

GOOD = '{"reasoning_text": "Alpha.", "applicable_rules": ["W.1"], "sleep_stage": "W"}'


@pytest.fixture
def run(noise_night, rules_bundle, monkeypatch):
    monkeypatch.setattr(lifecycle, "chunk_epochs", lambda _: 4)
    return start_run(recording=noise_night, bundle=rules_bundle)


class FixedAdapter:
    """Answers from a table; epochs it does not know get GOOD."""

    renderer_version = ""
    about: dict[str, str] = {}

    def __init__(self, **texts):
        self.texts = {int(key[1:]): text for key, text in texts.items()}
        self.asked = []

    def replies(self, night, epochs):
        for epoch in epochs:
            self.asked.append(epoch)
            answer = self.texts.get(epoch, GOOD)
            if isinstance(answer, Exception):
                raise answer
            yield [RawReply(epoch=epoch, text=answer)]


@pytest.fixture
def use(monkeypatch):
    def put(adapter):
        monkeypatch.setattr(work, "adapter_of", lambda bundle: adapter)
        return adapter

    return put


def chunk_of(run, place=0):
    return run.chunks.order_by("first")[place]


def work_through(run):
    for chunk in run.chunks.order_by("first"):
        CHUNKS.run(chunk.pk)
    run.refresh_from_db()


def lease_of(run, place=0):
    lease = CHUNKS.claim(chunk_of(run, place).pk)
    assert lease is not None
    return lease


def reply(epoch, text=GOOD):
    return RawReply(epoch=epoch, text=text)


def test_a_run_covers_every_epoch_once(run):
    epochs = [epoch for chunk in run.chunks.all() for epoch in chunk.epochs]
    assert epochs == list(range(10))
    assert run.scoring.scorer == run.bundle.scorer
    assert run.state == PreScoreRun.State.QUEUED


def test_a_run_scores_the_whole_night_and_closes_its_scoring(run, use):
    use(FixedAdapter())
    work_through(run)
    assert (run.state, run.done, run.failed_count) == ("done", 10, 0)
    assert run.scoring.scores.count() == 10
    assert EpochRevision.objects.filter(scoring=run.scoring, why="model").count() == 10
    run.scoring.refresh_from_db()
    assert run.scoring.state == Scoring.State.SUBMITTED


def test_a_reply_that_cannot_be_read_is_kept_with_its_reason_and_the_rest_goes_on(run, use):
    use(FixedAdapter(e3="I think it is N2", e5=GOOD.replace('"W"}', '"N7"}')))
    work_through(run)
    assert (run.state, run.done, run.failed_count) == ("done", 10, 2)
    failed = {r.epoch: r for r in run.replies.exclude(fault="")}
    assert failed[3].text == "I think it is N2"
    assert failed[3].fault == "no_json"
    assert failed[5].fault == "unknown_stage"
    assert set(run.scoring.scores.values_list("epoch", flat=True)) == set(range(10)) - {3, 5}


def test_a_retry_asks_again_for_the_failed_epochs_only_and_keeps_the_old_reply(run, use):
    use(FixedAdapter(e3="no", e8="no"))
    work_through(run)
    second = use(FixedAdapter(e8="still no"))
    retry_failed(run=run)
    work_through(run)
    assert second.asked == [3, 8]
    assert (run.state, run.done, run.failed_count) == ("done", 10, 1)
    assert Reply.objects.filter(run=run, epoch=3).count() == 2
    assert EpochRevision.objects.filter(scoring=run.scoring, epoch=3).count() == 1


def test_a_cancelled_run_keeps_what_it_has_and_goes_on_from_there(run, use):
    use(FixedAdapter())
    CHUNKS.run(chunk_of(run).pk)
    cancel_run(run=run)
    work_through(run)
    assert (run.state, run.done) == ("cancelled", 4)
    adapter = use(FixedAdapter())
    resume_run(run=run)
    work_through(run)
    assert adapter.asked == list(range(4, 10))
    assert (run.state, run.done) == ("done", 10)


def test_work_in_flight_is_turned_away_after_a_cancel(run):
    lease = lease_of(run)
    cancel_run(run=run)
    with pytest.raises(LeaseLostError):
        store_replies(chunk=lease, raw_replies=[reply(0)])
    assert not Reply.objects.exists()


def test_an_expired_lease_goes_to_another_worker_and_the_first_can_store_nothing_more(run):
    slow = lease_of(run)
    store_replies(chunk=slow, raw_replies=[reply(0)])
    RunChunk.objects.update(lease_expires_at=timezone.now())
    assert CHUNKS.give_back_abandoned() == 1
    quick = lease_of(run)
    assert epochs_left(chunk_of(run)) == [1, 2, 3]
    with pytest.raises(LeaseLostError):
        store_replies(chunk=slow, raw_replies=[reply(1)])
    store_replies(chunk=quick, raw_replies=[reply(1)])
    assert EpochScore.objects.filter(scoring=run.scoring).count() == 2
    assert EpochRevision.objects.filter(scoring=run.scoring).count() == 2


def test_a_chunk_that_kills_its_worker_three_times_is_given_up_and_the_night_goes_on(run, use):
    for _ in range(3):
        lease_of(run)
        RunChunk.objects.filter(state="running").update(lease_expires_at=timezone.now())
        CHUNKS.give_back_abandoned()
    assert chunk_of(run).state == RunChunk.State.FAILED
    use(FixedAdapter())
    work_through(run)
    assert (run.state, run.done, run.failed_count) == ("done", 10, 4)
    assert set(run.replies.filter(fault="gave_up").values_list("epoch", flat=True)) == {0, 1, 2, 3}


def test_an_adapter_that_fails_keeps_the_epochs_it_had_finished(run, use):
    use(FixedAdapter(e2=MemoryError("out of memory")))
    CHUNKS.run(chunk_of(run).pk)
    chunk = chunk_of(run)
    assert (chunk.state, chunk.attempt) == ("queued", 1)
    assert "out of memory" in chunk.error
    assert epochs_left(chunk) == [2, 3]


def test_an_epoch_that_always_fails_fails_alone_at_the_last_attempt(run, use):
    use(FixedAdapter(e1=RuntimeError("odd picture\nmore")))
    for _ in range(3):
        CHUNKS.run(chunk_of(run).pk)
    assert chunk_of(run).state == RunChunk.State.DONE
    assert set(run.scoring.scores.values_list("epoch", flat=True)) == {0, 2, 3}
    failed = run.replies.get(epoch=1)
    assert (failed.fault, failed.fault_detail) == ("no_reply", "RuntimeError: odd picture")


def test_a_bundle_that_does_not_load_fails_the_run_with_its_reason(run, tmp_path):
    run.bundle.folder = str(tmp_path)
    run.bundle.save()
    work.adapter_of.__globals__["_loaded"].clear()
    work_through(run)
    assert run.state == PreScoreRun.State.FAILED
    assert "bundle.toml" in run.error


def test_a_failed_attempt_after_the_lease_is_lost_changes_nothing(run):
    lease = lease_of(run)
    cancel_run(run=run)
    CHUNKS.give_back(lease, error="late")
    assert chunk_of(run).error == ""


def test_only_chunks_without_a_message_are_sent_again(run):
    RunChunk.objects.update(enqueued_at=timezone.now())
    first = chunk_of(run)
    RunChunk.objects.filter(pk=first.pk).update(enqueued_at=None)
    assert CHUNKS.unsent() == [first.pk]


def test_old_messages_count_as_lost_only_when_the_queue_is_empty(run, monkeypatch):
    RunChunk.objects.update(enqueued_at=timezone.now() - timezone.timedelta(minutes=5))
    monkeypatch.setattr(work, "gpu_queue_is_empty", lambda: False)
    assert CHUNKS.unsent() == []
    monkeypatch.setattr(work, "gpu_queue_is_empty", lambda: True)
    assert len(CHUNKS.unsent()) == 3


def test_a_run_whose_worker_died_before_the_last_step_is_finished_by_the_sweep(run, use):
    use(FixedAdapter())
    work_through(run)
    PreScoreRun.objects.update(state="running", finished_at=None)
    finish_stranded()
    run.refresh_from_db()
    assert run.state == PreScoreRun.State.DONE


def test_one_bundle_goes_over_a_night_once_at_a_time(run, rules_bundle, noise_night):
    with pytest.raises(RunRefusedError, match="already exists"):
        start_run(recording=noise_night, bundle=rules_bundle)


def test_a_second_run_makes_a_second_pass(run, use, rules_bundle, noise_night):
    use(FixedAdapter())
    work_through(run)
    again = start_run(recording=noise_night, bundle=rules_bundle)
    assert again.scoring.pass_number == 2


def test_a_night_without_signals_is_refused(labels_only, rules_bundle):
    with pytest.raises(RunRefusedError, match="no signals"):
        start_run(recording=labels_only, bundle=rules_bundle)


def test_a_run_that_is_over_is_not_cancelled_and_a_good_one_not_retried(run, use):
    use(FixedAdapter())
    work_through(run)
    for change in (cancel_run, resume_run, retry_failed):
        with pytest.raises(RunRefusedError):
            change(run=run)


def test_the_same_epoch_cannot_have_two_standing_replies(run):
    lease = lease_of(run)
    store_replies(chunk=lease, raw_replies=[reply(0)])
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        store_replies(chunk=lease, raw_replies=[reply(0)])
    assert run.scoring.scores.count() == 1


def test_a_retry_is_refused_in_words_while_an_adjudication_holds_the_scoring(run, use):
    use(FixedAdapter(e3="nonsense"))
    work_through(run)
    Scoring.objects.filter(pk=run.scoring_id).update(state=Scoring.State.LOCKED)
    with pytest.raises(RunRefusedError, match="locked by an adjudication"):
        retry_failed(run=run)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.done, run.failed_count) == ("done", 1, 10, 1)
    assert not run.replies.filter(superseded=True).exists()


def test_a_run_hands_its_number_of_replies_to_the_adapter_and_keeps_what_it_answers(
    noise_night, taught, use
):
    wanted = []

    class BestAdapter(FixedAdapter):
        def replies(self, night, epochs):
            wanted.append((night.best_of, night.is_simulated))
            for group in super().replies(night, epochs):
                yield [replace(reply, best_of=night.best_of or 2) for reply in group]

    use(BestAdapter())
    run = start_run(recording=noise_night, bundle=taught, best_of=4)
    work_through(run)
    assert set(wanted) == {(4, False)}
    assert set(run.replies.values_list("best_of", flat=True)) == {4}
    plain = start_run(recording=noise_night, bundle=taught)
    work_through(plain)
    assert set(plain.replies.values_list("best_of", flat=True)) == {2}


def test_several_replies_of_a_model_that_writes_one_are_refused(noise_night, rules_bundle):
    with pytest.raises(RunRefusedError, match="a single reply"):
        start_run(recording=noise_night, bundle=rules_bundle, best_of=2)
    assert not noise_night.runs.exists()
