"""Due dates and reminders of many scorings at once."""

from datetime import date

import pytest

from annotations.scoring.many import remind_many, reschedule_many
from annotations.scoring.models import Scoring, ScoringEvent
from studies.members import create_study

pytestmark = pytest.mark.django_db
DUE = date(2027, 2, 3)


def test_open_scorings_get_the_date_and_others_say_why_not(study, scoring, by_model, lead):
    model = by_model(["W"])
    outcomes = reschedule_many(
        study=study, scorings=[scoring.pk, model.pk, 999_999], due=DUE, by=lead
    )
    assert [o.done for o in outcomes] == [True, False, False]
    assert Scoring.objects.get(pk=scoring.pk).due == DUE
    assert ScoringEvent.objects.get().due == DUE
    [again] = reschedule_many(study=study, scorings=[scoring.pk], due=DUE, by=lead)
    assert (again.done, again.words) == (False, "It has this due date already.")
    assert ScoringEvent.objects.count() == 1


def test_a_submitted_scoring_has_no_due_date_any_more(study, scoring, lead):
    Scoring.objects.filter(pk=scoring.pk).update(state="submitted")
    [outcome] = reschedule_many(study=study, scorings=[scoring.pk], due=DUE, by=lead)
    assert outcome.words == "This scoring is submitted."


def test_a_reminder_is_sent_once_a_day(study, scoring, lead):
    outcomes, sent = remind_many(study=study, scorings=[scoring.pk, scoring.pk], by=lead)
    assert ([o.done for o in outcomes], sent) == ([True], [scoring.pk])
    [again], none = remind_many(study=study, scorings=[scoring.pk], by=lead)
    assert ("today already" in again.words, none) == (True, [])
    assert ScoringEvent.objects.count() == 1


def test_scorings_of_another_study_do_not_exist(study, scoring, lead):
    other = create_study(slug="other")
    [outcome] = reschedule_many(study=other, scorings=[scoring.pk], due=DUE, by=lead)
    assert "no longer exists" in outcome.words
