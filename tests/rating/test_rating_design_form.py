"""What the form of a rating study proposes, pools and refuses."""

import pytest

from annotations.rating.forms import RatingDesignForm
from annotations.scoring.models import Scoring
from annotations.scoring.scorings import (
    consensus_scorer,
    create_scoring,
    imported_scorer,
    scorer_of_user,
)
from studies.models import Role
from tests.helpers.ratings import (
    EXPERT_NAME,
    MODEL_LABEL,
    explained,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def fill(study, sources, raters):
    """Fill in a form that is valid, but for what is changed."""

    def filled(**changes: object) -> RatingDesignForm:
        first = RatingDesignForm(study=study)
        data = {name: first.get_initial_for_field(f, name) for name, f in first.fields.items()}
        own_arms = {
            f"arm-{scoring.scorer_id}-1": letter
            for scoring, letter in zip(sources, "AB", strict=True)
        }
        data |= {"title": "Round", **own_arms, **changes}
        return RatingDesignForm({k: v for k, v in data.items() if v is not None}, study=study)

    return filled


@pytest.mark.parametrize(
    "title", [f"Is the {MODEL_LABEL.upper()} good?", "Ann’s words", "More Anns"]
)
def test_a_title_names_no_scorer_of_the_study_chosen_or_not(fill, study, title):
    imported_scorer(study=study, label="Ann", provenance={})
    assert fill(title=title).errors["title"]


@pytest.mark.parametrize("title", ["First round", "Rationales of annotators"])
def test_a_title_may_hold_a_name_inside_another_word(fill, study, title):
    imported_scorer(study=study, label="Ann", provenance={})
    assert fill(title=title).is_valid()


def test_it_proposes_experts_together_models_apart_and_the_consensus_as_reference(
    fill,
    study,
    member,
    rated_night,
    sources,
):
    second = member(study, Role.ANNOTATOR, username="zed")
    for scorer in (scorer_of_user(user=second), consensus_scorer(study=study)):
        explained(create_scoring(recording=rated_night, scorer=scorer), "Well.")
    Scoring.objects.update(state=Scoring.State.SUBMITTED)
    begun = scorer_of_user(user=member(study, Role.ANNOTATOR, username="begun"))
    explained(create_scoring(recording=rated_night, scorer=begun), "So far.")
    form = fill(item_count=20)
    assert form.is_valid(), form.errors
    design = form.design()
    assert [(arm.label, arm.item_count) for arm in design.arms] == [
        (f"Experts: {EXPERT_NAME}, zed", 9),
        (f"{MODEL_LABEL}, model", 9),
        ("Control items", 2),
    ]
    assert [scoring.scorer.kind for scoring in design.reference] == ["consensus"]


def test_sources_with_one_letter_are_one_arm(fill, sources):
    arms = {f"arm-{scoring.scorer_id}-1": "C" for scoring in sources}
    form = fill(**arms, control_percent=0)
    assert form.is_valid()
    (arm,) = form.design().arms
    assert set(arm.scorings) == set(sources)
    assert EXPERT_NAME in arm.label
    assert MODEL_LABEL in arm.label


def test_something_is_rated_and_no_item_wants_more_raters_than_there_are(fill, sources):
    nothing = {f"arm-{scoring.scorer_id}-1": "" for scoring in sources}
    assert "at least one source" in str(fill(**nothing).errors)
    assert fill(raters_per_item=3).errors["raters_per_item"] == [
        "Raters selected: 2. Select more raters, or enter fewer."
    ]


def test_a_draft_is_filled_in_as_it_was_designed(study, draft_rating_study, sources):
    draft = draft_rating_study(control_percent=20, reference=[sources[1]], own_stage_first=True)
    form = RatingDesignForm(study=study, draft=draft)
    first = {name: form.get_initial_for_field(f, name) for name, f in form.fields.items()}
    again = RatingDesignForm(first, study=study, draft=draft)
    assert again.is_valid(), again.errors
    assert again.design().as_json() | {"arms": 0} == draft.design | {"arms": 0}
    for asked, kept in zip(again.design().arms, draft.design["arms"], strict=True):
        assert [s.pk for s in asked.scorings] == kept["scorings"]
        assert asked.item_count == kept["items"]
    assert (first["seed"], first["own_stage_first"]) == (11, True)
