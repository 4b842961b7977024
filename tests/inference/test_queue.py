"""Order of chunks: priority, pause, abilities of workers, and runs on a whole study."""

import pytest
from django.utils import timezone

from inference.adapters import RawReply
from inference.models import ModelBundle, PreScoreRun
from inference.runs import lifecycle, work
from inference.runs.lifecycle import (
    RunRefusedError,
    cancel_run,
    pause_run,
    resume_run,
    set_priority,
    start_run,
    start_study,
)
from inference.runs.work import CHUNKS, score_next_chunk

pytestmark = pytest.mark.django_db
GOOD = '{"reasoning_text": "Alpha.", "applicable_rules": ["W.1"], "sleep_stage": "W"}'
HIGH = PreScoreRun.Priority.HIGH


class Writer:
    """Answers GOOD and tells whom it was asked by; `meanwhile` happens in front of an epoch."""

    renderer_version = ""
    about: dict[str, str] = {}

    def __init__(self):
        self.asked = []
        self.meanwhile = {}

    def replies(self, night, epochs):
        for epoch in epochs:
            self.meanwhile.get(epoch, int)()
            self.asked.append((int(night.key.split(":")[0]), epoch))
            yield [RawReply(epoch=epoch, text=GOOD)]


@pytest.fixture
def writer(monkeypatch):
    writer = Writer()
    monkeypatch.setattr(work, "adapter_of", lambda bundle: writer)
    monkeypatch.setattr(lifecycle, "chunk_epochs", lambda _: 5)
    return writer


@pytest.fixture
def nights(make_noise_night):
    return [make_noise_night(name=name) for name in ("S1", "S2", "S3")]


def work_all(adapters=("rules",)):
    while score_next_chunk(adapters=adapters):
        pass


def order_of(writer):
    return list(dict.fromkeys(night for night, _ in writer.asked))


def test_nights_are_read_one_after_the_other_and_a_high_priority_goes_first(
    writer, nights, rules_bundle
):
    started = [start_run(recording=night, bundle=rules_bundle) for night in nights]
    score_next_chunk(adapters=["rules"])
    set_priority(run=started[2], priority=HIGH)
    work_all()
    assert order_of(writer) == [nights[0].pk, nights[2].pk, nights[1].pk]
    assert len(writer.asked) == len(set(writer.asked)) == 30
    assert not PreScoreRun.objects.exclude(state="done").exists()


def test_a_worker_takes_only_what_it_can_do(writer, nights, rules_bundle):
    start_run(recording=nights[0], bundle=rules_bundle)
    assert not score_next_chunk(adapters=["sleepvlm", "yasa"])
    assert score_next_chunk(adapters=["sleepvlm", "rules"])


def test_a_paused_run_stores_what_is_on_its_way_and_takes_nothing_new(writer, nights, rules_bundle):
    run = start_run(recording=nights[0], bundle=rules_bundle)
    writer.meanwhile[2] = lambda: pause_run(run=run)
    work_all()
    run.refresh_from_db()
    first = run.chunks.first()
    assert (run.state, run.done, first.state, first.attempt) == ("paused", 3, "queued", 0)
    assert CHUNKS.unsent() == []
    writer.meanwhile.clear()
    resume_run(run=run)
    work_all()
    run.refresh_from_db()
    assert (run.state, run.done, run.attempt) == ("done", 10, 1)
    assert [epoch for _, epoch in writer.asked] == list(range(10))


def test_a_paused_run_may_be_cancelled_but_not_begun_a_second_time(writer, nights, rules_bundle):
    run = pause_run(run=start_run(recording=nights[0], bundle=rules_bundle))
    with pytest.raises(RunRefusedError, match="already exists"):
        start_run(recording=nights[0], bundle=rules_bundle)
    assert cancel_run(run=run).state == PreScoreRun.State.CANCELLED
    with pytest.raises(RunRefusedError):
        pause_run(run=run)
    with pytest.raises(RunRefusedError):
        set_priority(run=run, priority=HIGH)


def test_a_whole_study_leaves_out_what_was_read_and_what_is_at_work(
    writer, nights, study, rules_bundle
):
    start_run(recording=nights[0], bundle=rules_bundle)
    work_all()
    start_run(recording=nights[1], bundle=rules_bundle)
    start = start_study(study=study, bundle=rules_bundle, priority=HIGH)
    assert [(run.recording, run.priority) for run in start.runs] == [(nights[2], HIGH)]
    reasons = [reason for _, reason in start.left_out]
    assert "S1 is already pre-scored" in reasons[0]
    assert "S2 already exists" in reasons[1]
    with pytest.raises(RunRefusedError, match="Night study has no recording to pre-score"):
        start_study(study=study, bundle=rules_bundle)


def test_a_study_without_signals_says_so(labels_only, study, rules_bundle):
    with pytest.raises(RunRefusedError, match="Night study has no recording to pre-score"):
        start_study(study=study, bundle=rules_bundle)


def test_a_model_unknown_to_this_version_is_refused(nights, rules_bundle):
    ModelBundle.objects.update(adapter="from-the-future")
    rules_bundle.refresh_from_db()
    with pytest.raises(RunRefusedError, match="does not know the adapter"):
        start_run(recording=nights[0], bundle=rules_bundle)


def test_a_waiting_run_does_not_hold_up_the_others(writer, nights, rules_bundle):
    first, second = (start_run(recording=night, bundle=rules_bundle) for night in nights[:2])
    later = timezone.now() + timezone.timedelta(minutes=1)
    PreScoreRun.objects.filter(pk=first.pk).update(wait_until=later)
    work_all()
    second.refresh_from_db()
    assert second.state == PreScoreRun.State.DONE
    assert order_of(writer) == [nights[1].pk]
