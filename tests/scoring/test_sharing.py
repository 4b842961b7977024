"""Recordings shared out to annotators: balanced, blind, never doubled."""

import threading
from collections import Counter
from datetime import date
from itertools import combinations

import pytest
from django.db import close_old_connections

from annotations.scoring.assignments import assign, withdraw
from annotations.scoring.models import Scorer, Scoring
from annotations.scoring.sharing import Wish, annotators_of, assign_many, plan_assignments
from recordings.models import Recording, Subject
from studies.members import add_member
from studies.models import Act, AuditEvent, Mode, Role, User
from tests.helpers.adjudications import finished_scoring


@pytest.fixture
def nights(study):
    subject = Subject.objects.create(study=study, code="S001")
    return Recording.objects.bulk_create(
        Recording(study=study, subject=subject, name=f"N{n:02}", state="labels_only", epoch_count=4)
        for n in range(12)
    )


@pytest.fixture
def people(study):
    users = [User.objects.create(username=name) for name in ("ada", "ben", "cleo", "dan")]
    for user in users:
        add_member(study=study, user=user, role=Role.ANNOTATOR)
    return users


TWO = Wish(each=2, mode=Mode.BLIND)


def planned(study, nights, people, lead, wish=TWO):
    return plan_assignments(study=study, recordings=nights, annotators=people, wish=wish, by=lead)


def pairs_of(plan):
    return [(night.recording.pk, user.pk) for night in plan for user in night.gets]


def people_of(night):
    return set(
        Scoring.objects.filter(recording=night, scorer__kind=Scorer.Kind.HUMAN).values_list(
            "scorer__user__username", flat=True
        )
    )


@pytest.mark.django_db
def test_everybody_gets_as_much_and_pairs_vary(study, nights, people, lead):
    plan = planned(study, nights, people, lead)
    assert {len(night.gets) for night in plan} == {2}
    assert set(Counter(user for _, user in pairs_of(plan)).values()) == {6}
    pairs = Counter(frozenset(u.username for u in night.gets) for night in plan)
    assert set(pairs) == {frozenset(p) for p in combinations(["ada", "ben", "cleo", "dan"], 2)}
    assert set(pairs.values()) == {2}


@pytest.mark.django_db
def test_open_work_counts_and_finished_work_does_not(study, nights, people, lead):
    for night in nights[:4]:
        assign(recording=night, annotator=people[0], assigned_by=lead)
    Scoring.objects.filter(recording=nights[0]).update(state="submitted")
    plan = planned(study, nights[4:9], people, lead, Wish(each=1, mode=Mode.BLIND))
    assert "ada" not in {u.username for night in plan for u in night.gets}


@pytest.mark.django_db
def test_people_who_know_others_answers_get_no_blind_night(study, nights, people, lead):
    finished_scoring(nights[0], "expert", ["W"] * 4)
    add_member(study=study, user=people[0], role=Role.VIEWER)
    plan = planned(study, nights[:2], people[:2], lead)
    assert [u.username for u in plan[0].gets] == ["ben"]
    assert any("could read other scorings" in reason for reason in plan[0].why)
    assert {u.username for u in plan[1].gets} == {"ada", "ben"}


@pytest.mark.django_db
def test_a_lead_who_scores_a_night_blind_learns_only_how_many_have_it(study, nights, people, lead):
    add_member(study=study, user=lead, role=Role.ANNOTATOR)
    for person in (lead, people[0]):
        assign(recording=nights[0], annotator=person, assigned_by=None)
    [night] = planned(study, nights[:1], people, lead)
    assert night.has == [str(lead), "1 hidden from you"]
    assert night.gets == []


@pytest.mark.django_db
def test_what_was_planned_is_assigned_once_and_the_rest_is_said(study, nights, people, lead):
    plan = planned(study, nights, people, lead)
    wish = Wish(each=2, mode=Mode.BLIND, due=date(2027, 1, 1))
    first = assign_many(study=study, pairs=pairs_of(plan), wish=wish, by=lead)
    assert [o.done for o in first] == [True] * 24
    assert {s.due for s in Scoring.objects.all()} == {date(2027, 1, 1)}
    assert {(s.guideline, s.rule_edition) for s in Scoring.objects.all()} == {
        (study.guideline, study.rule_edition)
    }
    again = assign_many(study=study, pairs=pairs_of(plan), wish=wish, by=lead)
    assert not any(o.done for o in again)
    assert Scoring.objects.count() == 24
    event = AuditEvent.objects.get(act=Act.ASSIGNED)
    assert (event.about, len(event.details["recordings"])) == ("24 assignments", 12)


@pytest.mark.django_db
def test_no_recording_gets_more_than_wanted_whoever_was_planned(study, nights, people, lead):
    night = nights[0]
    pairs = [(night.pk, user.pk) for user in people]
    outcomes = assign_many(study=study, pairs=pairs, wish=TWO, by=lead)
    assert [o.done for o in outcomes] == [True, True, False, False]
    assert "2 of 2 already" in outcomes[2].words
    assert people_of(night) == {"ada", "ben"}


@pytest.mark.django_db
def test_rows_that_vanished_and_people_who_left_are_answered(study, nights, people, lead):
    plan = pairs_of(planned(study, nights[:2], people, lead))
    Recording.objects.filter(pk=nights[0].pk).delete()
    stranger = User.objects.create(username="eve")
    pairs = [*plan, (nights[1].pk, stranger.pk)]
    outcomes = assign_many(study=study, pairs=pairs, wish=TWO, by=lead)
    assert [o.done for o in outcomes] == [False, False, True, True, False]
    assert "no longer exists" in outcomes[0].words


@pytest.mark.django_db
def test_a_withdrawn_assignment_makes_room_for_somebody_else(study, nights, people, lead):
    scoring = assign(recording=nights[0], annotator=people[0], assigned_by=lead)
    withdraw(scoring=scoring, user=lead, reason="Ill.")
    [night] = planned(study, nights[:1], people, lead, Wish(each=1, mode=Mode.BLIND))
    assert (night.has, [u.username for u in night.gets]) == ([], ["ben"])
    [refused] = assign_many(study=study, pairs=[(nights[0].pk, people[0].pk)], wish=TWO, by=lead)
    assert "had this recording before" in refused.words


@pytest.mark.django_db
def test_review_begins_with_a_copy_where_there_is_something_to_review(study, nights, people, lead):
    source = finished_scoring(nights[0], "expert", ["W", "N1", "N2", "N2"])
    wish = Wish(each=1, mode=Mode.REVIEW, source=source.scorer)
    plan = planned(study, nights[:2], people, lead, wish)
    assert "no finished scoring by expert" in plan[1].why[0]
    assign_many(study=study, pairs=pairs_of(plan), wish=wish, by=lead)
    [scoring] = Scoring.objects.filter(mode=Mode.REVIEW)
    assert list(scoring.scores.values_list("stage", flat=True)) == ["W", "N1", "N2", "N2"]


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(
    study, nights, people, lead, django_assert_max_num_queries
):
    with django_assert_max_num_queries(60):
        plan = planned(study, nights, people, lead)
    with django_assert_max_num_queries(90):
        assign_many(study=study, pairs=pairs_of(plan), wish=TWO, by=lead)


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_never_double(study, nights, people, lead):
    """Each planned other people for the same nights; in sum every night gets two."""
    plans = [
        [(night.pk, user.pk) for night in nights for user in chosen]
        for chosen in (people[:2], people[2:])
    ]
    answers = []

    def work(pairs):
        answers.append(assign_many(study=study, pairs=pairs, wish=TWO, by=lead))
        close_old_connections()

    threads = [threading.Thread(target=work, args=[pairs]) for pairs in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(people_of(night)) for night in nights} == {2}
    assert sum(o.done for outcomes in answers for o in outcomes) == 24


def test_annotators_are_members_with_that_role_who_are_active(db, study, people, lead):
    User.objects.filter(pk=people[3].pk).update(is_active=False)
    assert [user.username for user in annotators_of(study)] == ["ada", "ben", "cleo"]
