"""A launch is work on a row: one worker has it, a dead one loses it, nobody rates half a study."""

import pytest

from annotations.rating.design import RatingDesignError
from annotations.rating.drafts import discard_draft, redraw_rating_study, set_gold
from annotations.rating.lifecycle import (
    ITEMS_A_BATCH,
    LAUNCHES,
    ask_to_launch,
    freeze_and_open,
    launch_rating_study,
)
from annotations.rating.models import RatingSlot, RatingStudy
from annotations.visibility import rating_slots_of
from jobs.models import ATTEMPTS, LeaseLostError
from psg.signalstore import SignalStore
from tests.helpers.jobs import expire, swept

pytestmark = pytest.mark.django_db

READS_AN_ITEM = 2  # the records that are shown, and the epoch whose image is drawn


@pytest.fixture
def draft(draft_rating_study):
    return draft_rating_study(item_count=4)


@pytest.fixture
def asked(draft, lead):
    return ask_to_launch(rating_study=draft, user=lead)


def lose_the_signals_after(monkeypatch, reads):
    """Let the store fail for good after so many reads, as a disk might."""
    left = iter(range(reads))
    read = SignalStore.read_record

    def failing(self, first, count=1):
        if next(left, None) is None:
            raise OSError(5, "Input/output error")
        return read(self, first, count)

    monkeypatch.setattr(SignalStore, "read_record", failing)


def test_the_worker_opens_a_study_with_all_its_queues(asked, raters, lead):
    assert not RatingSlot.objects.exists()
    LAUNCHES.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.total) == ("open", 4, 4)
    assert not asked.items.filter(signal_sha256="").exists()
    assert [rating_slots_of(rater).count() for rater in raters] == [4, 4]
    event = asked.events.last()
    assert (event.kind, event.user) == ("launched", lead)


def test_only_one_worker_gets_a_launch_and_a_second_message_does_nothing(asked):
    assert LAUNCHES.claim(asked.pk)
    assert LAUNCHES.claim(asked.pk) is None
    LAUNCHES.run(asked.pk)
    assert not RatingSlot.objects.exists()


def test_what_was_frozen_is_not_frozen_again_by_the_next_worker(draft_rating_study, monkeypatch):
    draft = draft_rating_study(item_count=2 * ITEMS_A_BATCH)
    asked = ask_to_launch(rating_study=draft, user=None)
    with monkeypatch.context() as broken:
        lose_the_signals_after(broken, reads=READS_AN_ITEM * (ITEMS_A_BATCH + 3))
        LAUNCHES.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.done) == (RatingStudy.State.LAUNCHING, ITEMS_A_BATCH)
    assert "Input/output error" in asked.error
    assert swept(LAUNCHES) == [asked.pk]
    lose_the_signals_after(monkeypatch, reads=READS_AN_ITEM * ITEMS_A_BATCH)
    LAUNCHES.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.attempt, asked.error) == (RatingStudy.State.OPEN, 2, "")


def test_a_worker_that_lost_its_lease_opens_nothing(asked):
    slow = LAUNCHES.claim(asked.pk)
    assert swept(LAUNCHES) == []
    expire(asked)
    assert swept(LAUNCHES) == [asked.pk]
    assert LAUNCHES.claim(asked.pk)
    with pytest.raises(LeaseLostError):
        freeze_and_open(slow)
    assert not RatingSlot.objects.exists()
    assert not asked.items.exclude(signal_sha256="").exists()


def test_a_worker_of_an_earlier_launch_has_no_part_in_a_later_one(asked, raters, study, lead):
    slow = LAUNCHES.claim(asked.pk)
    expire(asked)
    role = study.memberships.create(user=raters[0], role="lead")
    LAUNCHES.run(asked.pk)
    role.delete()
    ask_to_launch(rating_study=asked, user=lead)
    again = LAUNCHES.claim(asked.pk)
    assert again.attempt == slow.attempt
    with pytest.raises(LeaseLostError):
        freeze_and_open(slow)
    freeze_and_open(again)
    assert [event.kind for event in asked.events.all()] == [
        *("drawn", "asked", "refused", "asked", "launched"),
    ]


def test_after_the_last_attempt_it_is_a_draft_again_and_says_so(asked):
    for _ in range(ATTEMPTS):
        assert LAUNCHES.claim(asked.pk)
        expire(asked)
    assert swept(LAUNCHES) == []
    asked.refresh_from_db()
    assert asked.is_draft
    assert "stopped three times" in asked.error
    assert asked.events.last().kind == "refused"


def test_a_rater_who_became_lead_meanwhile_makes_it_a_draft_again(asked, raters, study, lead):
    study.memberships.create(user=raters[0], role="lead")
    LAUNCHES.run(asked.pk)
    asked.refresh_from_db()
    assert asked.is_draft
    assert "cannot rate blind" in asked.error
    assert not RatingSlot.objects.exists()


def test_a_damaged_night_is_named_and_frozen_anew_once_it_is_whole(asked, rated_night, lead):
    store = rated_night.signals_file.path
    with open(store, "rb") as file:
        whole = file.read()
    with open(store, "r+b") as file:
        file.truncate(len(whole) // 2)
    LAUNCHES.run(asked.pk)
    asked.refresh_from_db()
    assert asked.is_draft
    assert f"{rated_night.name} cannot be shown to raters" in asked.error
    with open(store, "wb") as file:
        file.write(whole)
    assert launch_rating_study(rating_study=asked, user=lead).state == RatingStudy.State.OPEN
    asked.refresh_from_db()
    assert asked.error == ""


def test_nothing_of_a_study_changes_while_it_is_launched(asked, rating_design):
    item = asked.items.first()
    for change in (
        lambda: redraw_rating_study(rating_study=asked, design=rating_design(), user=None),
        lambda: discard_draft(rating_study=asked),
        lambda: set_gold(item=item, scores={"factual_accuracy": 1}, feedback="No.", user=None),
        lambda: ask_to_launch(rating_study=asked, user=None),
    ):
        with pytest.raises(RatingDesignError, match="cannot be changed"):
            change()
