"""The plan of a draft adds up, and says what is wrong with it."""

import pytest

from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.plan import plan_of
from annotations.scoring.models import EpochScore

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_everything_adds_up_to_the_items(draft_rating_study, sources):
    draft = draft_rating_study(item_count=12, control_percent=25, reference=[sources[0]])
    plan = plan_of(draft)
    assert [one.items for one in plan.arms] == [5, 4, 3]
    assert plan.items == 12 == sum(one.total for one in plan.strata)
    for trait in ("stage", "reference", "beside"):
        assert sum(one.total for one in plan.margins if one.trait == trait) == 12
    assert [load.by_arm for load in plan.loads] == [[5, 4, 3], [5, 4, 3]]
    assert (plan.fewest_shared, plan.most_shared, plan.is_connected) == (12, 12, True)
    assert plan.icc_width > 0
    assert 0 < plan.mean_width < min(one.width for one in plan.arms)


def test_loads_are_those_that_launch_gives(draft_rating_study):
    draft = draft_rating_study(item_count=9, raters_per_item=1, repeat_percent=30)
    plan = plan_of(draft)
    launch_rating_study(rating_study=draft, user=None)
    for load in plan.loads:
        slots = load.rater.rating_slots
        assert (load.items, load.repeats) == (
            slots.filter(repeat=0).count(),
            slots.filter(repeat=1).count(),
        )


def test_it_tells_of_few_nights_unlinked_raters_short_arms_and_sources_that_moved_on(
    draft_rating_study,
):
    plan = plan_of(draft_rating_study(item_count=40, raters_per_item=1))
    assert plan.has_few_subjects
    assert not plan.is_connected
    assert plan.icc_width is None
    assert [(one.wanted, one.items) for one in plan.short_arms] == [(20, 10), (20, 10)]
    assert plan.changed == 0
    EpochScore.objects.filter(epoch=3).update(rationale="On second thoughts.")
    assert plan_of(plan.rating_study).changed == 2


def test_it_says_whether_the_arms_are_on_the_same_epochs(draft_rating_study, sources):
    apart, together = draft_rating_study(), draft_rating_study(same_epochs=True, control_percent=20)
    one_arm = draft_rating_study(same_epochs=True, scorings=sources[:1])
    assert [plan_of(one).same_epochs for one in (apart, together, one_arm)] == [False, True, False]
    assert plan_of(together).has_controls
    assert not plan_of(apart).has_controls
