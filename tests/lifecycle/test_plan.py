"""Every model that refers to a night or a person is named in the plan of erasures."""

import pytest
from django.apps import apps
from django.db import models

from annotations.adjudication.models import Adjudication, AdjudicationSide, MajoritySettlement
from annotations.rating.models import RatingItem, RatingSlot
from annotations.scoring.models import EpochComment, EpochRevision, EpochScore, Scoring
from epochwise.lifecycle.people import KEPT, OWN, references_to
from epochwise.lifecycle.plan import NIGHT_STEPS
from inference.models import PreScoreRun
from recordings.models import Ingest, Recording, Subject
from studies.models import User

OF_NIGHTS = (
    *(Recording, Ingest, Scoring, EpochScore, EpochRevision, EpochComment),
    *(Adjudication, AdjudicationSide, MajoritySettlement, RatingItem, RatingSlot, PreScoreRun),
)


def reasons() -> dict[str, str]:
    return {
        # Lost with the scoring itself, which is in the plan.
        "annotations.Scoring.suggestion": "emptied before the scorings go",
        "annotations.Adjudication.consensus": "the adjudication goes first",
        "annotations.AdjudicationDecision.side": "the decision goes first",
    }


@pytest.mark.parametrize("model", OF_NIGHTS, ids=lambda model: model.__name__)
def test_whatever_refers_to_a_night_is_in_the_plan_before_it(model):
    order = [step.model for step in NIGHT_STEPS]
    for label, field in references_to(model).items():
        assert field.model in order or label in reasons(), f"{label} is not in the plan"
        if field.model is not model:
            assert order.index(field.model) < order.index(model), f"{label} comes too late"


def test_a_model_that_is_new_is_found():
    class Diary(models.Model):
        night = models.ForeignKey(Recording, on_delete=models.PROTECT)

        class Meta:
            app_label = "recordings"

        def __str__(self) -> str:
            return str(self.night)

    try:
        assert "recordings.Diary.night" in references_to(Recording)
    finally:
        del apps.all_models["recordings"]["diary"]
        apps.clear_cache()


def test_only_recordings_refer_to_subjects():
    assert set(references_to(Subject)) == {"recordings.Recording.subject"}


def test_whatever_refers_to_a_person_goes_or_stays_by_decision():
    assert set(references_to(User)) <= OWN | KEPT
