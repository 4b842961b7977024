"""Drafts: drawn and drawn again, given gold scores, launched once all is there."""

from collections import Counter

import pytest

from annotations.rating.design import RatingDesignError
from annotations.rating.drafts import discard_draft, redraw_rating_study, set_gold
from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.models import RatingGold, RatingItem, RatingSlot, RatingStudy
from annotations.visibility import rating_studies_rated_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(draft_rating_study, sources):
    return draft_rating_study(
        item_count=8, control_percent=25, calibration_count=3, reference=[sources[0]]
    )


def give_gold(draft):
    for item in draft.items.filter(phase="calibration"):
        set_gold(item=item, scores={"factual_accuracy": 1}, feedback="Not there.", user=None)


def test_nobody_rates_a_draft(draft, raters):
    assert draft.state == RatingStudy.State.DRAFT
    assert not rating_studies_rated_by(raters[0]).exists()
    assert not RatingSlot.objects.exists()


def test_arms_and_rounds_get_what_was_asked_for(draft):
    items = draft.items.select_related("arm")
    main = Counter(item.arm.kind for item in items if item.phase == "main")
    assert main == {"source": 6, "control": 2}
    assert sum(item.phase == "calibration" for item in items) == 3


def test_known_wrong_items_show_another_epoch_of_the_same_scoring(draft, sources):
    stages = dict(sources[0].scores.values_list("epoch", "stage"))
    for item in draft.items.filter(arm__kind="control").select_related("source__scoring"):
        assert item.source.epoch != item.epoch
        assert item.source.stage == item.stage != stages[item.epoch]
        assert item.recording_id == item.source.scoring.recording_id
        assert item.is_correct is False
    written = draft.items.filter(arm__kind="source").values_list("source_id", flat=True)
    moved = draft.items.filter(arm__kind="control").values_list("source_id", flat=True)
    assert not set(written) & set(moved)


def test_arms_on_the_same_epochs_differ_in_words_alone(draft_rating_study):
    draft = draft_rating_study(item_count=8, calibration_count=2, same_epochs=True)
    for phase, count in (("main", 4), ("calibration", 1)):
        first, second = (
            {(i.recording_id, i.epoch) for i in draft.items.filter(arm__place=n, phase=phase)}
            for n in (0, 1)
        )
        assert first == second
        assert len(first) == count


def test_arms_without_a_common_epoch_are_refused(draft_rating_study, sources):
    sources[0].scores.filter(epoch__lt=5).update(rationale="")
    sources[1].scores.filter(epoch__gte=5).update(rationale="")
    with pytest.raises(
        RatingDesignError, match="No epoch with signals has a rationale of every arm"
    ):
        draft_rating_study(same_epochs=True)


def test_items_know_how_they_stand_to_the_reference(draft, sources):
    stages = dict(sources[0].scores.values_list("epoch", "stage"))
    for item in draft.items.all():
        assert item.reference_stage == stages[item.epoch]
        assert item.is_transition == any(
            stages.get(beside, stages[item.epoch]) != stages[item.epoch]
            for beside in (item.epoch - 1, item.epoch + 1)
        )


def test_drawing_again_replaces_the_items_and_their_gold(draft, rating_design, lead):
    give_gold(draft)
    again = redraw_rating_study(rating_study=draft, design=rating_design(seed=5), user=lead)
    assert (again.pk, again.seed, again.items.count()) == (draft.pk, 5, 10)
    assert not RatingGold.objects.exists()


def test_the_calibration_round_needs_gold_scores_before_launch(draft):
    with pytest.raises(RatingDesignError, match="3 of 3 calibration items"):
        launch_rating_study(rating_study=draft, user=None)
    give_gold(draft)
    assert launch_rating_study(rating_study=draft, user=None).state == RatingStudy.State.OPEN


def test_everybody_starts_with_the_calibration_round_and_none_of_it_comes_again(draft, raters):
    give_gold(draft)
    launch_rating_study(rating_study=draft, user=None)
    for rater in raters:
        slots = list(rater.rating_slots.select_related("item").order_by("place"))
        phases = [slot.item.phase for slot in slots]
        assert phases[:3] == ["calibration"] * 3
        assert set(phases[3:]) == {"main"}
        assert all(slot.item.phase == "main" for slot in slots if slot.repeat)


@pytest.mark.parametrize(("scores", "feedback"), [({}, "Words."), ({"factual_accuracy": 1}, " ")])
def test_gold_needs_a_score_and_words(draft, scores, feedback):
    item = draft.items.filter(phase="calibration").first()
    with pytest.raises(RatingDesignError, match="at least one reference score"):
        set_gold(item=item, scores=scores, feedback=feedback, user=None)


def test_only_calibration_items_of_a_draft_have_gold(draft):
    main = draft.items.filter(phase="main").first()
    with pytest.raises(RatingDesignError, match="calibration items"):
        set_gold(item=main, scores={"factual_accuracy": 1}, feedback="No.", user=None)
    give_gold(draft)
    launch_rating_study(rating_study=draft, user=None)
    with pytest.raises(RatingDesignError, match="is already launched"):
        give_gold(draft)


def test_what_is_launched_is_neither_drawn_again_nor_discarded(rating_study, rating_design):
    with pytest.raises(RatingDesignError, match="is already launched"):
        redraw_rating_study(rating_study=rating_study, design=rating_design(), user=None)
    with pytest.raises(RatingDesignError, match="is already launched"):
        discard_draft(rating_study=rating_study)
    with pytest.raises(RatingDesignError, match="is already launched"):
        launch_rating_study(rating_study=rating_study, user=None)


def test_a_discarded_draft_leaves_nothing(draft):
    give_gold(draft)
    discard_draft(rating_study=draft)
    assert not RatingStudy.objects.exists()
    assert not RatingItem.objects.exists()


def test_a_rater_who_became_lead_in_between_stops_the_launch(draft_rating_study, raters, study):
    draft = draft_rating_study()
    study.memberships.create(user=raters[0], role="lead")
    with pytest.raises(RatingDesignError, match="cannot rate blind"):
        launch_rating_study(rating_study=draft, user=None)
    draft.refresh_from_db()
    assert draft.is_draft
