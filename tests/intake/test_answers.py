"""Answers that hold for a single night, and answers that are taken back."""

import pytest

from recordings.intake.deciding import BY_LABEL, AnswerError, answer_doubt, merged
from recordings.intake.models import IntakeNight, IntakeRule
from recordings.intake.receiving import open_queue

MAP = {"C4-M1": {"positive": "EEG 1", "negative": ""}, "Chin": None}


def test_a_derivation_is_left_to_its_label_again():
    said = {"channels": {"C4-M1": BY_LABEL}}
    assert merged({"channels": MAP}, said) == {"channels": {"Chin": None}}
    assert merged({}, said) == {"channels": {}}


@pytest.mark.django_db
def test_the_start_of_a_night_is_not_kept_for_others(study, lead):
    doubt = {"code": "start_clock", "assumed": "No clock time is shown.", "choices": []}
    queue = open_queue(study=study, user=lead)
    night = IntakeNight.objects.create(queue=queue, doubts=[doubt])
    with pytest.raises(AnswerError, match="cannot be kept"):
        answer_doubt(night=night, code="start_clock", value="22:30:00", keep=True)
    assert not IntakeRule.objects.exists()
